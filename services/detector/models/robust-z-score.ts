import { mean, median } from 'simple-statistics'
import { BadRecordError } from '../../../shared/errors.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { SeriesDetector, SeriesDetectorKind, Verdict } from '../series-detector.ts'

/** Values that make up what is normal, and how many of them are wanted before the first verdict. */
const baseline = 60
const enough = 15

/** Makes the median absolute deviation of normally distributed values their standard deviation. */
const perMad = 1.4826
/** The same for the mean absolute deviation, which serves when more than half of the values are equal. */
const perMeanDeviation = 1.2533

/** No deviation is taken for less than this part of the level: a flat line may flutter without alarm. */
const relativeFloor = 0.02
const absoluteFloor = 1e-9

/** Beyond this "how far" means nothing any more. */
const maxScore = 1_000

/** Half the width of what is called normal, in robust standard deviations. */
const bandWidth = 4

/**
 * Distance from the median of the recent past in units of its median absolute deviation (Iglewicz and Hoaglin 1993,
 * "How to Detect and Handle Outliers", the modified z-score). Up to half of the baseline may be anomalous without
 * moving it much, so an incident does not become normal at once, while a lasting new level does after half a baseline.
 * How likely a distance is goes by Laplace's distribution, whose tail is heavier than the normal one's.
 */
export const robustZScore: SeriesDetectorKind = {
  name: 'robust-z-score',
  models: ['robust-z-score'],
  create: () => new RobustZScore(),
  decode,
}

const version = 1

/** The version, then as doubles: the last time, the number of values, these, and the gaps. */
function decode(bytes: Uint8Array): SeriesDetector {
  const numbers =
    bytes.length % 8 === 1 ? new Float64Array(Uint8Array.from(bytes.subarray(1)).buffer) : new Float64Array()
  const [lastTime, count, ...rest] = numbers
  const isWhole = bytes[0] === version && Number.isInteger(count) && count! >= 0 && rest.length >= count!
  if (!isWhole || count! > baseline || rest.length - count! > baseline)
    throw new BadRecordError('damaged_state', `not a robust z-score of version ${version}`)
  return new RobustZScore(lastTime, rest.slice(0, count), rest.slice(count))
}

class RobustZScore implements SeriesDetector {
  #lastTime: EventTime
  /** What was learnt, in order, and how long each came after the one before. */
  readonly #values: number[]
  readonly #gaps: number[]

  constructor(lastTime = Number.NaN, values: readonly number[] = [], gaps: readonly number[] = []) {
    this.#lastTime = lastTime
    this.#values = [...values]
    this.#gaps = [...gaps]
  }

  observe(time: EventTime, value: number, isExcluded: boolean): Verdict {
    const verdict = this.#judge(value)
    if (!Number.isFinite(value)) return verdict
    if (!Number.isNaN(this.#lastTime)) remember(this.#gaps, time - this.#lastTime)
    this.#lastTime = time
    if (!isExcluded) remember(this.#values, value)
    return verdict
  }

  /** The longest of n gaps is exceeded with a chance of 1/n; with an exponential tail, k times as long has n^-k. */
  silence(time: EventTime): Verdict | undefined {
    const gaps = this.#gaps
    if (gaps.length < enough) return undefined
    const times = (time - this.#lastTime) / Math.max(...gaps)
    if (times <= 1) return undefined
    const { expected, lower, upper } = this.#judge(Number.NaN)
    return {
      score: Math.min(maxScore, times),
      likelihood: 1 - gaps.length ** -times,
      surprise: times * Math.log(gaps.length),
      expected,
      lower,
      upper,
      kind: 'missing',
      isSure: true,
      contributions: [1],
    }
  }

  encode(): Uint8Array {
    const numbers = Float64Array.of(this.#lastTime, this.#values.length, ...this.#values, ...this.#gaps)
    return Buffer.concat([Buffer.of(version), Buffer.from(numbers.buffer)])
  }

  #judge(value: number): Verdict {
    const expected = this.#values.length > 0 ? median(this.#values) : Number.NaN
    const scale = this.#values.length > 0 ? scaleOf(this.#values, expected) : Number.NaN
    const distance = Math.abs(value - expected) / scale
    const score = Number.isNaN(distance) ? 0 : Math.min(maxScore, distance)
    return {
      score,
      likelihood: 1 - Math.exp(-Math.SQRT2 * score),
      surprise: Math.SQRT2 * score,
      expected,
      lower: expected - bandWidth * scale,
      upper: expected + bandWidth * scale,
      kind: value < expected ? 'drop' : 'spike',
      isSure: this.#values.length >= enough,
      contributions: [1],
    }
  }
}

function remember(list: number[], item: number): void {
  list.push(item)
  if (list.length > baseline) list.shift()
}

function scaleOf(values: readonly number[], center: number): number {
  const deviations = values.map((value) => Math.abs(value - center))
  const robust = median(deviations) * perMad
  const scale = robust > 0 ? robust : mean(deviations) * perMeanDeviation
  return Math.max(scale, Math.abs(center) * relativeFloor, absoluteFloor)
}
