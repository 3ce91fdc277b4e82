import { mean, median } from 'simple-statistics'
import type { Assessment, Model, ModelKind, ModelOptions, Observation } from './model.ts'

/**
 * Distance from the median of the recent past in units of its median absolute deviation (Iglewicz and Hoaglin 1993,
 * "How to Detect and Handle Outliers", the modified z-score). Up to half of the baseline may be anomalous without
 * moving it much, so an incident does not become normal at once, while a lasting new level does after half a baseline.
 */
export const robustZScore: ModelKind = {
  name: 'robust-z-score',
  create: (options) => new RobustZScore(options),
}

/** Makes the median absolute deviation of normally distributed values their standard deviation. */
const perMad = 1.4826
/** The same for the mean absolute deviation, which serves when more than half of the values are equal. */
const perMeanDeviation = 1.2533

/** No deviation is taken for less than this part of the level: a flat line may flutter without alarm. */
const relativeFloor = 0.02
const absoluteFloor = 1e-9

/** Beyond this "how far" means nothing any more. */
const maxScore = 1_000

class RobustZScore implements Model {
  readonly #options: ModelOptions
  /** In order of time; twice a baseline, so that a correction of an old window still finds what was before it. */
  readonly #past: Observation[] = []

  constructor(options: ModelOptions) {
    this.#options = options
  }

  observe(observation: Observation): Assessment | undefined {
    const at = this.#past.findLastIndex(({ time }) => time < observation.time) + 1
    const assessment = this.#assess(observation, this.#baseline(observation, at))
    this.#past.splice(at, this.#past[at]?.time === observation.time ? 1 : 0, observation)
    if (this.#past.length > this.#options.baselineWindows * 2) this.#past.shift()
    return assessment
  }

  #baseline({ time }: Observation, end: number): readonly number[] {
    const { baselineWindows, baselineMs } = this.#options
    return this.#past
      .slice(Math.max(0, end - baselineWindows), end)
      .filter((past) => past.time >= time - baselineMs)
      .map(({ value }) => value)
  }

  #assess({ value }: Observation, baseline: readonly number[]): Assessment | undefined {
    const { minWindows, threshold } = this.#options
    if (baseline.length < minWindows) return undefined
    const expected = median(baseline as number[])
    const scale = scaleOf(baseline, expected)
    const margin = threshold * scale
    return {
      score: Math.min(maxScore, Math.abs(value - expected) / scale),
      expected,
      low: expected - margin,
      high: expected + margin,
    }
  }
}

function scaleOf(baseline: readonly number[], center: number): number {
  const deviations = baseline.map((value) => Math.abs(value - center))
  const robust = median(deviations) * perMad
  const scale = robust > 0 ? robust : mean(deviations) * perMeanDeviation
  return Math.max(scale, Math.abs(center) * relativeFloor, absoluteFloor)
}
