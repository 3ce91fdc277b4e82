import type { Cells, Layout } from './cells.ts'
import type { Model, ModelKind, Sample } from './series-model.ts'

/**
 * A slow leak: the level goes one way for long, too slowly for any value to stand out. The series is cut into blocks, and
 * the mean step from block to block is held against how much the steps differ: the t statistic of a random walk with drift.
 */
export const trend = {
  name: 'trend',
  prior: { usual: 2.7, excess: 0.6 },
  warmUp: 2 * 12 * 32,
  every: 32,
  create: (layout: Layout) => new Trend(layout),
} satisfies ModelKind

/** Values of a block. */
export const blockValues = 32
/** Steps between blocks that are looked at. */
const steps = 12
/** Blocks of which the mean is kept. */
export const trailBlocks = steps + 1

/** The way that the level has come, in the series' units. */
export interface Trail {
  /** Means of the last blocks, without the season, the oldest first. */
  readonly means: Float64Array
  /** Since the first value of the series until the end of each of these blocks, milliseconds. */
  readonly ages: Float64Array
  /** Which season was taken off, 0 for none. */
  season: number
  /** For how many blocks more than these the level has gone the way it goes now. */
  longer: number
}

export const newTrail = (): Trail => ({
  means: new Float64Array(trailBlocks),
  ages: new Float64Array(trailBlocks),
  season: 0,
  longer: 0,
})

export class Trend implements Model {
  /** Means of the last blocks, the oldest first, and seconds since the first value until the end of each. */
  readonly #means: number
  readonly #ends: number
  readonly #sum: number
  readonly #count: number
  readonly #blocks: number
  /** That was taken off. */
  readonly #season: number
  /** Of the blocks that are complete. */
  readonly #statistic: number
  /** For how many blocks it has been unusual, to the same side. */
  readonly #going: number

  constructor(layout: Layout) {
    this.#means = layout.floats(trailBlocks)
    this.#ends = layout.floats(trailBlocks)
    this.#sum = layout.floats(1)
    this.#count = layout.floats(1)
    this.#blocks = layout.floats(1)
    this.#season = layout.floats(1)
    this.#statistic = layout.floats(1)
    this.#going = layout.floats(1)
  }

  judge({ floats }: Cells, { age }: Sample): number {
    return age < untilSeasons ? 0 : Math.abs(floats[this.#statistic]!)
  }

  learn({ floats }: Cells, { level, season, age }: Sample): void {
    if (season !== floats[this.#season]) {
      // What is left of the values is another thing now.
      floats[this.#season] = season
      floats[this.#sum] = 0
      floats[this.#count] = 0
      floats[this.#blocks] = 0
      floats[this.#statistic] = 0
      floats[this.#going] = 0
    }
    floats[this.#sum]! += level
    floats[this.#count]! += 1
    if (floats[this.#count]! < blockValues) return
    floats.copyWithin(this.#means, this.#means + 1, this.#means + trailBlocks)
    floats.copyWithin(this.#ends, this.#ends + 1, this.#ends + trailBlocks)
    floats[this.#means + steps] = floats[this.#sum]! / blockValues
    floats[this.#ends + steps] = age / 1_000
    floats[this.#sum] = 0
    floats[this.#count] = 0
    floats[this.#blocks] = Math.min(trailBlocks, floats[this.#blocks]! + 1)
    if (floats[this.#blocks] === trailBlocks) this.#look(floats)
  }

  /** Returns false while there is none. */
  readTrail({ floats }: Cells, into: Trail): boolean {
    if (floats[this.#blocks] !== trailBlocks) return false
    for (let i = 0; i < trailBlocks; i++) {
      into.means[i] = floats[this.#means + i]!
      into.ages[i] = 1_000 * floats[this.#ends + i]!
    }
    into.season = floats[this.#season]!
    into.longer = Math.max(0, floats[this.#going]! - 1)
    return true
  }

  /** Whether the level may be going one way: a cheap question. */
  isGoing({ floats }: Cells): boolean {
    return floats[this.#going]! > 0
  }

  #look(floats: Float32Array): void {
    const before = floats[this.#statistic]!
    const now = this.#drift(floats)
    floats[this.#statistic] = now
    const isUsual = Math.abs(now) < trend.prior.usual
    floats[this.#going] = isUsual ? 0 : now * before > 0 ? floats[this.#going]! + 1 : 1
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
export const finest = 1e-3
