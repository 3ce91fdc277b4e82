import type { Cells, Layout } from './cells.ts'
import type { Model, ModelKind, Sample } from './series-model.ts'

/**
 * How far a value is from all that the series ever was: the distance to the nearest value seen, which needs no idea of
 * what the values are distributed like. Values are seen as bins of a set, so memory is a bit for each.
 */
export const novelty: ModelKind = {
  name: 'novelty',
  prior: { usual: 0.5, excess: 0.25 },
  warmUp: 256,
  create: (layout) => new Novelty(layout, 1),
}

const setWords = 32
const bins = 32 * setWords
/** Of a bin. Values are squeezed, so that those far out are told apart by their ratio: units near 0, then e-folds. */
const width = 0.02

/** Of means over the last `values` values. */
export class Novelty implements Model {
  readonly #seen: number
  readonly #mean: number
  readonly #share: number

  constructor(layout: Layout, values: number) {
    this.#seen = layout.words(setWords)
    this.#mean = layout.floats(1)
    this.#share = 1 / values
  }

  /** The distance after squeezing. */
  judge(cells: Cells, sample: Sample): number {
    const bin = this.#bin(cells, sample)
    const { words } = cells
    let steps = 0
    while (steps < bins && !(this.#has(words, bin - steps) || this.#has(words, bin + steps))) steps++
    return steps === bins ? 0 : steps * width
  }

  learn(cells: Cells, sample: Sample): void {
    const bin = this.#bin(cells, sample)
    cells.floats[this.#mean] = this.#next(cells, sample)
    cells.words[this.#seen + (bin >>> 5)]! |= 1 << (bin & 31)
  }

  kindOf(_: Cells, { value, expected }: Sample) {
    return value < expected ? ('drop' as const) : ('spike' as const)
  }

  #next({ floats }: Cells, { value, count }: Sample): number {
    const mean = floats[this.#mean]!
    return mean + Math.max(this.#share, 1 / (count + 1)) * (value - mean)
  }

  #bin(cells: Cells, sample: Sample): number {
    const squeezed = Math.round(Math.asinh(this.#next(cells, sample)) / width) + bins / 2
    return Math.max(0, Math.min(bins - 1, squeezed))
  }

  #has(words: Uint32Array, bin: number): boolean {
    return bin >= 0 && bin < bins && (words[this.#seen + (bin >>> 5)]! & (1 << (bin & 31))) !== 0
  }
}
