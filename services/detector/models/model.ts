import type { EventTime } from '../../../shared/stream/task.ts'

/** One value of one statistic of one series. */
export interface Observation {
  readonly time: EventTime
  readonly value: number
}

/** What a model thinks of an observation. */
export interface Assessment {
  /** Distance from what was expected, in robust standard deviations, 0 or more. */
  readonly score: number
  readonly expected: number
  /** The range that is normal: the value is an anomaly outside of it. */
  readonly low: number
  readonly high: number
}

/**
 * A model of one series: online, one pass, in bounded memory, without a clock. What it thinks is a function of the
 * observations of the last `baselineMs` before the assessed one: that makes its state recoverable from the log.
 */
export interface Model {
  /**
   * Assesses an observation by those before it in time, and learns it. A time that was observed before is a
   * correction: it takes the place of the earlier value. Undefined while there is too little to judge by.
   */
  observe(observation: Observation): Assessment | undefined
}

/** A kind of model, as configuration names it. */
export interface ModelKind {
  readonly name: string
  create(options: ModelOptions): Model
}

export interface ModelOptions {
  /** Windows that make up what is normal, at most. */
  readonly baselineWindows: number
  /** Fewer than this are too little to judge by. */
  readonly minWindows: number
  /** Nothing older than this before the assessed observation counts, milliseconds. */
  readonly baselineMs: number
  /** The score from which on a value is an anomaly. */
  readonly threshold: number
}
