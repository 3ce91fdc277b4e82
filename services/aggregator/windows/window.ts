import type { Series } from '../../../shared/avro/types.ts'
import type { EventTime, ResumePoint } from '../../../shared/stream/task.ts'
import type { Reading } from '../kinds/cumulative.ts'
import type { Contribution } from '../rules/contribution.ts'
import type { Aggregate } from './aggregate.ts'

/**
 * When something happened in the log of a partition: 4 · offset of a record, plus the number of quiet steps since, three
 * at most. What is restored of a series is as of a moment; reading the log again up to it must not change that again.
 */
export type Moment = number

export const momentOf = (offset: number, quietSteps = 0): Moment => offset * 4 + quietSteps

export const placeOf = (moment: Moment) => ({ offset: Math.floor(moment / 4), quietSteps: moment % 4 })

/** A series that has windows, or something that its next window needs. */
export interface SeriesEntry {
  readonly key: string
  readonly series: Series
  readonly hash: number
  /** The moments at which it was admitted and forgotten, in turns, as far back as the log may be read again. */
  lives: readonly Moment[]
  /** What its windows add to roll-ups and ratios. */
  readonly contributions: readonly Contribution[]
  /** False beyond the limits of cardinality: then its windows only contribute. */
  isEmitted: boolean
  /** Whether it stands in for all series beyond the limits that contribute alike: then it has no life of its own, and is not stored. */
  isShared: boolean
  /** Of the first level, the window that was opened last; the others hang on it, see window-list.ts. */
  newest: ShortWindow | undefined
  /** How many hang there. */
  windowCount: number
  /** Of all other levels, a few at a time, in no order. Made anew by `concat` for each change: one that grows, also by `...`, takes room for seventeen. */
  longer: readonly LongWindow[]
  /** Of a cumulative series, the last reading that has left the windows. */
  lastReading: Reading | undefined
  /** The moment up to which its restored state is complete; -1 when it was not restored. */
  restoredAt: Moment
  /** Whether it is alive, and counts towards the limits of cardinality. A restored series may not be yet, where the log is read again. */
  isCounted: boolean
  /** When it first changed since it was stored; undefined when it has not. */
  changedAt: Moment | undefined
  /** Whether the state topic knows it. */
  isStored: boolean
}

/** A window of the first level, and what it holds: it takes points, and is rebuilt from the log. */
export interface ShortWindow extends Aggregate {
  readonly entry: SeriesEntry
  /** All that start when it does. A time of its own would take sixteen bytes more. */
  readonly pane: Pane
  /** What the aggregate is computed from when it can't be added up point by point: readings, or parts. */
  contents: unknown
  /** The contents have changed since the aggregate was computed. */
  isStale: boolean
  /** The next revision to be emitted. */
  revision: number
  /** Changed since it was emitted last. */
  isDirty: boolean
  /** The window of the same series that was opened before it, and the one after it. */
  older: ShortWindow | undefined
  newer: ShortWindow | undefined
}

/** A window of a later level: merged from shorter ones, once they can change no more; those that still can are added when it is emitted. */
export interface LongWindow {
  readonly entry: SeriesEntry
  /** The number of its level. */
  readonly level: number
  readonly start: EventTime
  readonly finals: Aggregate
  revision: number
  isEmitted: boolean
}

/** All windows of the first level with one start. */
export interface Pane {
  readonly start: EventTime
  /** The record that opened it, and what the task knew before that record. */
  readonly resume: ResumePoint
  readonly windows: ShortWindow[]
  isClosed: boolean
}

/** All windows of a later level with one start. */
export interface LongPane {
  readonly level: number
  readonly start: EventTime
  readonly windows: LongWindow[]
  isClosed: boolean
}
