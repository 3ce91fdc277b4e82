import type { Cells, Layout } from './cells.ts'
import type { Model, ModelKind, Sample } from './series-model.ts'

/**
 * A slow leak: the level goes one way for long, too slowly for any value to stand out. The series is cut into blocks, and
 * the mean step from block to block is held against how much the steps differ: the t statistic of a random walk with drift.
 */
export const trend: ModelKind = {
  name: 'trend',
  prior: { usual: 2.7, excess: 0.6 },
  warmUp: 2 * 12 * 32,
  every: 32,
  create: (layout) => new Trend(layout),
}

const blockValues = 32
/** Steps between blocks that are looked at. */
const steps = 12

class Trend implements Model {
  /** Means of the last blocks, the oldest first. */
  readonly #means: number
  readonly #sum: number
  readonly #count: number
  readonly #blocks: number
  /** That was taken off. */
  readonly #season: number
  /** Of the blocks that are complete. */
  readonly #statistic: number

  constructor(layout: Layout) {
    this.#means = layout.floats(steps + 1)
    this.#sum = layout.floats(1)
    this.#count = layout.floats(1)
    this.#blocks = layout.floats(1)
    this.#season = layout.floats(1)
    this.#statistic = layout.floats(1)
  }

  judge({ floats }: Cells, { age }: Sample): number {
    return age < untilSeasons ? 0 : Math.abs(floats[this.#statistic]!)
  }

  learn({ floats }: Cells, { level, season }: Sample): void {
    if (season !== floats[this.#season]) {
      // What is left of the values is another thing now.
      floats[this.#season] = season
      floats[this.#sum] = 0
      floats[this.#count] = 0
      floats[this.#blocks] = 0
      floats[this.#statistic] = 0
    }
    floats[this.#sum]! += level
    floats[this.#count]! += 1
    if (floats[this.#count]! < blockValues) return
    floats.copyWithin(this.#means, this.#means + 1, this.#means + steps + 1)
    floats[this.#means + steps] = floats[this.#sum]! / blockValues
    floats[this.#sum] = 0
    floats[this.#count] = 0
    floats[this.#blocks] = Math.min(steps + 1, floats[this.#blocks]! + 1)
    if (floats[this.#blocks] === steps + 1) floats[this.#statistic] = this.#drift(floats)
  }

  #drift(floats: Float32Array): number {
    const mean = (floats[this.#means + steps]! - floats[this.#means]!) / steps
    let squares = 0
    for (let i = 0; i < steps; i++) {
      const step = floats[this.#means + i + 1]! - floats[this.#means + i]!
      squares += (step - mean) ** 2
    }
    return mean === 0 ? 0 : (mean * Math.sqrt(steps)) / Math.max(Math.sqrt(squares / (steps - 1)), finest)
  }

  kindOf() {
    return 'trend' as const
  }
}

/** A season that is not known yet is a trend for hours. */
const untilSeasons = 2.5 * 86_400_000
/** In the series' unit: steps that differ by less are alike. */
const finest = 1e-3
