/**
 * The state of one series: one block of memory with a place for each model, so that a hundred thousand series cost a
 * hundred thousand blocks, and storing a state is copying it. All zeros is the state before the first value.
 */
export interface Cells {
  /** What must be exact: times, sums. */
  readonly numbers: Float64Array
  /** What is an estimate anyway, in units of the series' own scale. */
  readonly floats: Float32Array
  /** Sets and counts. */
  readonly words: Uint32Array
}

/** Where in the cells of each series a model keeps its state. Places are given out once, when the models are put together. */
export class Layout {
  #numbers = 0
  #floats = 0
  #words = 0

  numbers(count: number): number {
    this.#numbers += count
    return this.#numbers - count
  }

  floats(count: number): number {
    this.#floats += count
    return this.#floats - count
  }

  words(count: number): number {
    this.#words += count
    return this.#words - count
  }

  get bytes(): number {
    return 8 * this.#numbers + 4 * (this.#floats + this.#words)
  }

  /** Cells in this block, which holds `bytes`, or in a new one. */
  cells(block = new ArrayBuffer(this.bytes)): Cells {
    const floatsAt = 8 * this.#numbers
    return {
      numbers: new Float64Array(block, 0, this.#numbers),
      floats: new Float32Array(block, floatsAt, this.#floats),
      words: new Uint32Array(block, floatsAt + 4 * this.#floats, this.#words),
    }
  }
}
