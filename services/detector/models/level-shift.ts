import type { Cells, Layout } from './cells.ts'
import type { Model, ModelKind, Sample } from './series-model.ts'

/**
 * A change of level that no single value gives away: the two-sided cumulative sum of what values were off by (Page 1954,
 * "Continuous Inspection Schemes", CUSUM), which finds a shift of one spread the fastest.
 */
export const levelShift: ModelKind = {
  name: 'level-shift',
  prior: { usual: 3.2, excess: 1 },
  warmUp: 48,
  create: (layout) => new LevelShift(layout),
}

class LevelShift implements Model {
  readonly #above: number
  readonly #below: number

  constructor(layout: Layout) {
    this.#above = layout.floats(1)
    this.#below = layout.floats(1)
  }

  judge({ floats }: Cells, { residual }: Sample): number {
    return Math.max(summed(floats[this.#above]!, residual), summed(floats[this.#below]!, -residual))
  }

  learn({ floats }: Cells, { residual }: Sample): void {
    floats[this.#above] = Math.min(most, summed(floats[this.#above]!, residual))
    floats[this.#below] = Math.min(most, summed(floats[this.#below]!, -residual))
  }

  kindOf() {
    return 'level-shift' as const
  }
}

/** One value alone does not make a level. */
const farthest = 6
const slack = 0.5
/** So that it comes down again soon after the level has become usual. */
const most = 60

const summed = (sum: number, residual: number) => Math.max(0, sum + Math.min(farthest, residual) - slack)
