import type { Cells, Layout } from '../models/cells.ts'

/**
 * What was reported of a series: a surprise counts only if it is above everything in the last rows, so that an incident is
 * told once, at its beginning, and counts the less, the more like it or greater were told before. So a series that surprises all
 * the time surprises nobody.
 */
export class Reports {
  /** The highest in each of the last stretches of rows, the newest last; rows in that one. */
  readonly #highest: number
  readonly #rows: number
  /** How many reports there were of each height. */
  readonly #counts: number

  constructor(layout: Layout) {
    this.#highest = layout.floats(stretches)
    this.#rows = layout.floats(1)
    this.#counts = layout.floats(heights)
  }

  /** What is left of a surprise, 0 for most. */
  weigh({ floats }: Cells, surprise: number): number {
    if (!this.#isHighest(floats, surprise)) return 0
    let before = 0
    for (let height = heightOf(surprise); height < heights; height++) before += floats[this.#counts + height]!
    return surprise / (1 + weightOfOne * before)
  }

  learn({ floats }: Cells, surprise: number): void {
    if (this.#isHighest(floats, surprise)) floats[this.#counts + heightOf(surprise)]! += 1
    const newest = this.#highest + stretches - 1
    if (floats[this.#rows] === stretchRows) {
      floats.copyWithin(this.#highest, this.#highest + 1, newest + 1)
      floats[newest] = 0
      floats[this.#rows] = 0
    }
    floats[this.#rows]! += 1
    floats[newest] = Math.max(floats[newest]!, surprise)
  }

  #isHighest(floats: Float32Array, surprise: number): boolean {
    for (let i = 0; i < stretches; i++) if (floats[this.#highest + i]! >= surprise) return false
    return surprise > 0
  }
}

/** Seventy to eighty rows. */
const stretches = 8
const stretchRows = 10
/** With three reports like it before, a surprise counts half. */
const weightOfOne = 0.3
const heights = 32
/** Each is 15 % above the one before; the first begins at half a standard deviation. */
const heightOf = (surprise: number) =>
  Math.max(0, Math.min(heights - 1, Math.floor(Math.log(2 * surprise) / Math.log(1.15))))
