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
  /** What is an estimate, to a thousandth of itself, and no more than 65,504. */
  readonly halves: Float16Array
  /** What nobody needs after the first values; undefined from then on. */
  early: EarlyCells | undefined
}

/** A third of a state would lie idle for ever, were it kept with the rest. */
export interface EarlyCells {
  readonly numbers: Float64Array
  readonly floats: Float32Array
}

/** Where in the cells of each series a model keeps its state. Places are given out once, when the models are put together. */
export class Layout {
  #numbers = 0
  #floats = 0
  #words = 0
  #halves = 0
  #earlyNumbers = 0
  #earlyFloats = 0

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

  halves(count: number): number {
    this.#halves += count
    return this.#halves - count
  }

  earlyNumbers(count: number): number {
    this.#earlyNumbers += count
    return this.#earlyNumbers - count
  }

  earlyFloats(count: number): number {
    this.#earlyFloats += count
    return this.#earlyFloats - count
  }

  /** Of a state, but for its early cells. */
  get bytes(): number {
    return 8 * this.#numbers + 4 * (this.#floats + this.#words) + 2 * this.#halves
  }

  get earlyBytes(): number {
    return 8 * this.#earlyNumbers + 4 * this.#earlyFloats
  }

  /** Those of a new series. */
  cells(): Cells {
    const block = new ArrayBuffer(this.bytes)
    const floatsAt = 8 * this.#numbers
    const wordsAt = floatsAt + 4 * this.#floats
    return {
      numbers: new Float64Array(block, 0, this.#numbers),
      floats: new Float32Array(block, floatsAt, this.#floats),
      words: new Uint32Array(block, wordsAt, this.#words),
      halves: new Float16Array(block, wordsAt + 4 * this.#words, this.#halves),
      early: this.early(),
    }
  }

  early(block = new ArrayBuffer(this.earlyBytes)): EarlyCells {
    return {
      numbers: new Float64Array(block, 0, this.#earlyNumbers),
      floats: new Float32Array(block, 8 * this.#earlyNumbers, this.#earlyFloats),
    }
  }
}
