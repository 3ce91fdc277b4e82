import type { AnomalyKind } from '../series-detector.ts'
import type { Prior } from './calibrator.ts'
import type { Cells, Layout } from './cells.ts'

/**
 * A value and what was expected in its place. Values are in units of the series' own scale: about 0 is usual, and 1 a
 * usual deviation, of the first values. One object serves all calls.
 */
export interface Sample {
  /** Milliseconds of event time. */
  time: number
  value: number
  /** The value before; the same as this one at the beginning. */
  last: number
  expected: number
  /** Standard deviation of values around what was expected, estimated robustly; never 0. */
  spread: number
  /** (value - expected) / spread */
  residual: number
  /** The value, or where it is an outlier, the nearest that is not: what may be learnt without harm. */
  likely: number
  /** The same without the season, where one was found. */
  level: number
  /** Which season that is: 0 for none. */
  season: number
  /** Values learnt before. */
  count: number
  /** Since the first value, milliseconds of event time. */
  age: number
}

/**
 * A model of one series: online, one pass, bounded memory, no clock. It has no state of its own; `cells` are those of the
 * series, and the model knows its place in them.
 */
export interface Model {
  /** How far the value is from what the model takes for usual: 0 or more, never NaN. Changes nothing. */
  judge(cells: Cells, sample: Sample): number
  learn(cells: Cells, sample: Sample): void
  /** What it would call an anomaly. */
  kindOf(cells: Cells, sample: Sample): AnomalyKind
}

export interface ModelKind {
  readonly name: string
  /** The distances to expect of white Gaussian noise, which hold until the series has shown its own. */
  readonly prior: Prior
  /** Values that the model must have learnt before its distances mean something. */
  readonly warmUp: number
  /** Values after which the model's distance is another one: what stays the same is no news. */
  readonly every?: number
  create(layout: Layout): Model
}
