import type { Cells, Layout } from './cells.ts'

const setWords = 32
const bins = 32 * setWords
/** Of a bin. Values are squeezed, so that those far out are told apart by their ratio: units near 0, then e-folds. */
const width = 0.02
/** A gap among the values seen says less than what lies beyond all of them. */
const insideWeight = 0.7

/**
 * All values that a series has ever had, as a set of bins: a bit for each. It tells how far a value is from the nearest one,
 * which needs no idea of what the values are distributed like.
 */
export class SeenValues {
  readonly #set: number
  /** Highest bin, and how far the lowest one is below the last; 0 before the first value. */
  readonly #highest: number
  readonly #depth: number

  constructor(layout: Layout) {
    this.#set = layout.words(setWords)
    this.#highest = layout.floats(1)
    this.#depth = layout.floats(1)
  }

  /** After squeezing; 0 before the first value. */
  distance({ floats, words }: Cells, value: number): number {
    const bin = binOf(value)
    const highest = floats[this.#highest]!
    const lowest = bins - floats[this.#depth]!
    if (bin > highest) return floats[this.#depth] === 0 ? 0 : (bin - highest) * width
    if (bin < lowest) return (lowest - bin) * width
    let steps = 0
    while (!this.#has(words, bin - steps) && !this.#has(words, bin + steps)) steps++
    return steps * width * insideWeight
  }

  add({ floats, words }: Cells, value: number): void {
    const bin = binOf(value)
    floats[this.#highest] = Math.max(floats[this.#highest]!, bin)
    floats[this.#depth] = Math.max(floats[this.#depth]!, bins - bin)
    words[this.#set + (bin >>> 5)]! |= 1 << (bin & 31)
  }

  #has(words: Uint32Array, bin: number): boolean {
    return bin >= 0 && bin < bins && (words[this.#set + (bin >>> 5)]! & (1 << (bin & 31))) !== 0
  }
}

function binOf(value: number): number {
  const bin = Math.round(Math.asinh(value) / width) + bins / 2
  return Math.max(0, Math.min(bins - 1, bin))
}
