import type { Cells, Layout } from './cells.ts'
import { SeenValues } from './seen-values.ts'
import type { Model, ModelKind, Sample } from './series-model.ts'

/** A value far from all that the series ever was, near as it may be to what was expected. */
export const novelty: ModelKind = {
  name: 'novelty',
  prior: { usual: 0.5, excess: 0.25 },
  warmUp: 256,
  create: (layout) => new Novelty(layout),
}

class Novelty implements Model {
  readonly #seen: SeenValues

  constructor(layout: Layout) {
    this.#seen = new SeenValues(layout)
  }

  judge(cells: Cells, { value }: Sample): number {
    return this.#seen.distance(cells, value)
  }

  learn(cells: Cells, { value }: Sample): void {
    this.#seen.add(cells, value)
  }

  kindOf(_: Cells, { value, expected }: Sample) {
    return value < expected ? ('drop' as const) : ('spike' as const)
  }
}
