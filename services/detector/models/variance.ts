import type { Cells, Layout } from './cells.ts'
import type { Model, ModelKind, Sample } from './series-model.ts'

/** Values that scatter more than they use to, none of them far out: the mean distance of the last few, in spreads. */
export const variance: ModelKind = {
  name: 'variance',
  prior: { usual: 1.13, excess: 0.09 },
  warmUp: 64,
  create: (layout) => new Variance(layout),
}

class Variance implements Model {
  readonly #recent: number

  constructor(layout: Layout) {
    this.#recent = layout.floats(1)
  }

  judge({ floats }: Cells, { residual }: Sample): number {
    const recent = floats[this.#recent]!
    return recent + share * (Math.min(farthest, Math.abs(residual)) - recent)
  }

  learn(cells: Cells, sample: Sample): void {
    cells.floats[this.#recent] = this.judge(cells, sample)
  }

  kindOf() {
    return 'variance' as const
  }
}

const share = 1 / 8
/** One value alone is no change of variance. */
const farthest = 4
