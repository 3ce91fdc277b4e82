import type { Cells, Layout } from '../models/cells.ts'
import { Novelty } from '../models/novelty.ts'
import type { Sample } from '../models/series-model.ts'
import { Surprise } from './surprise.ts'

/**
 * A score that ranks: how new a value is, or the mean of the last 64, told only where it is above everything in the last rows,
 * so that one incident is told once, at its beginning.
 */
export class Score {
  readonly #value: Surprise
  readonly #mean: Surprise
  /** The highest in each of the last stretches of rows, and in the one now filled; rows in it. */
  readonly #highest: number
  readonly #rows: number

  constructor(layout: Layout) {
    this.#value = new Surprise(layout, new Novelty(layout, 1))
    this.#mean = new Surprise(layout, new Novelty(layout, 64))
    this.#highest = layout.floats(stretches)
    this.#rows = layout.floats(1)
  }

  judge(cells: Cells, sample: Sample): number {
    const score = this.#both(cells, sample)
    const { floats } = cells
    for (let i = 0; i < stretches; i++) if (floats[this.#highest + i]! >= score) return 0
    return score
  }

  learn(cells: Cells, sample: Sample): void {
    const { floats } = cells
    const newest = this.#highest + stretches - 1
    if (floats[this.#rows] === stretchRows) {
      floats.copyWithin(this.#highest, this.#highest + 1, newest + 1)
      floats[newest] = 0
      floats[this.#rows] = 0
    }
    floats[this.#rows]! += 1
    floats[newest] = Math.max(floats[newest]!, this.#both(cells, sample))
    this.#value.learn(cells, sample)
    this.#mean.learn(cells, sample)
  }

  #both(cells: Cells, sample: Sample): number {
    return Math.max(this.#value.judge(cells, sample), meanWeight * this.#mean.judge(cells, sample))
  }
}

const stretches = 8
const stretchRows = 10
const meanWeight = 0.5
