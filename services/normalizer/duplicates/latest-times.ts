import type { EventTime } from '../../../shared/stream/task.ts'
import type { SeriesIdentity } from './series-identity.ts'

/** Series in a set: times and names of four are one cache line. */
const ways = 4
const stride = 2 * ways

/**
 * The latest time of each series: a point that is later than that is a new one, as nearly each point is. A table with sets of
 * four, as processors' caches have them. What it has pushed out of a set it knows all together by the latest of those
 * times. So it is never wrong when it says that a point is later; when it says that one is not, somebody must look.
 */
export class LatestTimes {
  /** Time and name, the upper half of the identity, by turns. */
  readonly #series: Float64Array
  /** By set. */
  readonly #pushedOut: Float64Array

  /** Room for so many series, rounded up. */
  constructor(series: number) {
    const sets = 2 ** Math.ceil(Math.log2(Math.max(1, series / ways)))
    this.#series = new Float64Array(sets * stride).fill(Number.NEGATIVE_INFINITY)
    this.#pushedOut = new Float64Array(sets).fill(Number.NEGATIVE_INFINITY)
  }

  /** Whether this point of a series is surely later than all before. */
  isLater({ high, low }: SeriesIdentity, time: EventTime): boolean {
    const series = this.#series
    const set = low & (this.#pushedOut.length - 1)
    const end = (set + 1) * stride
    for (let at = set * stride; at < end; at += 2) {
      if (series[at + 1] !== high) continue
      if (time <= series[at]!) return false
      series[at] = time
      return true
    }
    return this.#enter(set, high, time)
  }

  #enter(set: number, high: number, time: EventTime): boolean {
    const series = this.#series
    let first = set * stride
    for (let at = first + 2; at < (set + 1) * stride; at += 2) if (series[at]! < series[first]!) first = at
    const before = this.#pushedOut[set]!
    const out = series[first]!
    if (out > before) this.#pushedOut[set] = out
    series[first] = Math.max(time, before)
    series[first + 1] = high
    return time > before
  }
}
