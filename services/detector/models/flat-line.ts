import type { Cells, Layout } from './cells.ts'
import type { Model, ModelKind, Sample } from './series-model.ts'

/**
 * A value that no longer changes, as of a sensor that is stuck: a run of equal values, longer than any before, by the
 * chance that a value of this series repeats the one before it.
 */
export const flatLine: ModelKind = {
  name: 'flat-line',
  prior: { usual: 4, excess: 1 },
  warmUp: 96,
  create: (layout) => new FlatLine(layout),
}

class FlatLine implements Model {
  readonly #run: number
  readonly #longest: number
  readonly #repeats: number

  constructor(layout: Layout) {
    this.#run = layout.floats(1)
    this.#longest = layout.floats(1)
    this.#repeats = layout.floats(1)
  }

  judge({ floats }: Cells, { value, last, count }: Sample): number {
    if (value !== last || count - floats[this.#run]! < leastBefore) return 0
    const beyond = floats[this.#run]! + 1 - margin * floats[this.#longest]!
    if (beyond <= 0) return 0
    return Math.min(most, beyond * Math.log((count + 2) / (floats[this.#repeats]! + 1)))
  }

  learn({ floats }: Cells, { value, last }: Sample): void {
    if (value === last) {
      floats[this.#run]! += 1
      floats[this.#repeats]! += 1
    } else {
      floats[this.#longest] = Math.max(floats[this.#longest]!, floats[this.#run]!)
      floats[this.#run] = 0
    }
  }

  kindOf() {
    return 'flat-line' as const
  }
}

/** A run is unusual only when it is that many times as long as the longest before. */
const margin = 2
/** Values before the run: what was never seen to move has not become flat. */
const leastBefore = 64
const most = 1_000
