import type { Cells, Layout } from './cells.ts'
import type { Model, ModelKind, Sample } from './series-model.ts'

/**
 * How far a value is from what was expected, in spreads of the series: one that is far off is a spike or a drop. A series that
 * mostly stays where it is has a spread of nearly nothing, by which each move would be one: of such, moves like those that it
 * has made several times are taken off.
 */
export const deviation: ModelKind = {
  name: 'deviation',
  prior: { usual: 2.33, excess: 0.37 },
  warmUp: 32,
  create: (layout) => new Deviation(layout),
}

class Deviation implements Model {
  /** Of the last values, the part that was the same as the one before. */
  readonly #stillness: number
  /** How far the series moves when it does, in its unit. */
  readonly #moves: number

  constructor(layout: Layout) {
    this.#stillness = layout.floats(1)
    this.#moves = layout.floats(1)
  }

  judge({ floats }: Cells, { residual, spread }: Sample): number {
    const known = Math.max(0, 2 * floats[this.#stillness]! - 1) * margin * floats[this.#moves]!
    return Math.max(0, Math.abs(residual) - known / spread)
  }

  learn({ floats }: Cells, { value, last, expected, count }: Sample): void {
    const share = Math.max(stillShare, 1 / (count + 1))
    floats[this.#stillness]! += share * ((value === last ? 1 : 0) - floats[this.#stillness]!)
    const moves = floats[this.#moves]!
    // Where it stays after a move is no other one.
    const farther = value === last ? 0 : Math.max(0, Math.abs(value - expected) - moves)
    floats[this.#moves] = moves * (1 - forgotten) + lesson * Math.min(farther, farthest * (moves + 1))
  }

  kindOf(_: Cells, { residual }: Sample) {
    return residual < 0 ? ('drop' as const) : ('spike' as const)
  }
}

/** A move is unusual only when it is that many times as far as those before. */
const margin = 2
/** So that one move does not make the next one usual, and three do. There and back are two. */
const lesson = 1 / 3
/** One wrong value, of any size, must not hide all others. */
const farthest = 8
const stillShare = 1 / 512
/** Half is left after 17,000 values: two days of windows of 10 s. */
const forgotten = 1 / 25_000
