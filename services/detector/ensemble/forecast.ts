import type { Cells, Layout } from '../models/cells.ts'
import type { Sample } from '../models/series-model.ts'
import { Season } from './season.ts'

/**
 * What is expected next. Four forecasts run beside each other: the last value, level and trend (Holt 1957), and a level
 * with the time of day or of the week taken off. The one that was closest so far is believed: so seasons are found from
 * the data. Outliers are cut before they are learnt, so one value moves nothing and a new level becomes usual in time.
 */
export class Forecast {
  readonly #day: Season
  readonly #week: Season
  /** Mean absolute errors of the four, level, trend, offsets from day and week; how many values each has learnt. */
  readonly #at: number

  constructor(layout: Layout) {
    this.#day = new Season(layout, 1, 48)
    this.#week = new Season(layout, 7, 168)
    this.#at = layout.floats(12)
  }

  /** Writes `expected`, `spread`, `residual` and `level`. */
  predict(cells: Cells, sample: Sample): void {
    const { floats } = cells
    const at = this.#at
    const day = this.#day.at(cells, sample.time)
    const week = this.#week.at(cells, sample.time)
    forecasts[lastValue] = sample.last
    forecasts[trended] = floats[at + level]! + floats[at + trend]!
    forecasts[daily] = day + floats[at + dayOffset]!
    forecasts[weekly] = week + floats[at + weekOffset]!
    let best = lastValue
    let error = Infinity
    let least = Infinity
    for (let which = 0; which < forecasts.length; which++) {
      const isKnown = floats[at + learnt + which]! >= leastLearnt && !Number.isNaN(forecasts[which]!)
      const weighed = floats[at + which]! * handicaps[which]!
      if (!isKnown || weighed >= least) continue
      best = which
      least = weighed
      error = floats[at + which]!
    }
    sample.expected = forecasts[best]!
    sample.spread = Math.max(perMeanError * (error === Infinity ? 1 : error), finest)
    sample.residual = (sample.value - sample.expected) / sample.spread
    sample.likely = sample.expected + clip(sample.residual, farthest) * sample.spread
    sample.season = best === daily || best === weekly ? best : 0
    sample.level = sample.likely - (best === daily ? day : best === weekly ? week : 0)
  }

  /**
   * The season that is nearly as close as the best forecast, 0 for none. A leak, which seasons know nothing of, makes others the best
   * for a while.
   */
  likelySeason({ floats }: Cells): number {
    const errorOf = (which: number) =>
      floats[this.#at + learnt + which]! >= leastLearnt ? floats[this.#at + which]! : Infinity
    const season = errorOf(weekly) < errorOf(daily) ? weekly : daily
    const least = Math.min(errorOf(lastValue), errorOf(trended))
    return errorOf(season) <= nearly * least + finest ? season : 0
  }

  /** What a season adds to the level at a time; 0 where that is not known. */
  seasonAt(cells: Cells, season: number, time: number): number {
    if (season === 0) return 0
    return (season === weekly ? this.#week : this.#day).at(cells, time) || 0
  }

  /** Learns the value that was predicted last. */
  learn(cells: Cells, sample: Sample): void {
    const { floats } = cells
    const at = this.#at
    const { time, value, likely } = sample
    for (let which = 0; which < forecasts.length; which++) {
      const away = Math.abs(value - forecasts[which]!)
      if (Number.isNaN(away)) continue
      const count = Math.min(memory, floats[at + learnt + which]! + 1)
      const error = floats[at + which]!
      const cut = count < leastLearnt ? away : Math.min(away, farthest * (error + finest))
      floats[at + learnt + which] = count
      floats[at + which] = error + (cut - error) / count
    }
    const count = floats[at + learnt + trended]!
    const share = Math.max(levelShare, 1 / count)
    const error = count < leastLearnt ? value - forecasts[trended]! : this.#cut(floats, trended, value)
    floats[at + level] = forecasts[trended]! + share * error
    if (count >= leastLearnt) floats[at + trend]! += trendShare * share * error
    if (!Number.isNaN(forecasts[daily]!))
      floats[at + dayOffset]! += offsetShare * this.#cut(floats, daily, value)
    if (!Number.isNaN(forecasts[weekly]!))
      floats[at + weekOffset]! += offsetShare * this.#cut(floats, weekly, value)
    this.#day.learn(cells, time, likely - floats[at + dayOffset]!)
    this.#week.learn(cells, time, likely - floats[at + weekOffset]!)
  }

  /** How far a forecast was off, outliers cut. */
  #cut(floats: Float32Array, which: number, value: number): number {
    const limit = farthest * (floats[this.#at + which]! * perMeanError + finest)
    return clip(value - forecasts[which]!, limit)
  }
}

const clip = (value: number, limit: number) => Math.max(-limit, Math.min(limit, value))

/** The forecasts, in the order of their errors in the state. */
const lastValue = 0
const trended = 1
const daily = 2
const weekly = 3
/** What was forecast for the value in hand: between `predict` and `learn` nothing else happens. */
const forecasts = new Float64Array(4)
/** Of two that are as close, the one that follows less is believed: a change is seen against it. */
const handicaps = [1, 1, 1, 0.95]
/** Places in the state, after the errors. */
const level = 4
const trend = 5
const dayOffset = 6
const weekOffset = 7
const learnt = 8

/** Of a normal distribution: standard deviations in a mean absolute one. */
const perMeanError = 1.2533
/** No spread is taken for less than this, in the series' unit. */
const finest = 0.02
/** In spreads: what is farther is learnt as this. */
const farthest = 4
const leastLearnt = 12
/** How much less close a season may be that is still there. The last value of a walk is several times as close as any. */
const nearly = 3
/** Values whose errors count. */
const memory = 512
const levelShare = 0.1
const trendShare = 0.05
const offsetShare = 0.02
