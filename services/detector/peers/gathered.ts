import type { PeerGroupState, Series, WindowStep } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { GroupWindows } from './group-windows.ts'

/** What a group of series is of, whose windows are looked at together. */
export type GroupPlace = Pick<PeerGroupState, 'rule' | 'group' | 'statistic' | 'sizeMs' | 'step'>

/** The same text for the same group only. */
export const groupKeyOf = ({ rule, group, statistic, sizeMs, step }: GroupPlace) =>
  `${sizeMs}:${statistic}:${step}:${rule}:${keyOf(group)}`

/** Of the windows that may be compared with each other. */
export type GroupWindowsPlace = Pick<GroupPlace, 'statistic' | 'sizeMs'> & { readonly step: WindowStep }

/** What became of a sample: `full` is one of a series for which there is no place any more. */
export type Taken = 'taken' | 'late' | 'full' | 'nothing'

/** Series whose windows are gathered, to be looked at together when all have told them. */
export interface GatheredGroup {
  readonly key: string
  readonly place: GroupPlace
  /** In [0, 1): spreads the work over time. */
  readonly phase: number
  /** Offset of the last record that is in a state that was read back: reading it again changes nothing. */
  readonly knownUpTo: number
  /** How far event time was when it was stored last; NaN for never. */
  storedAt: EventTime
  /** How many series it has. */
  readonly size: number
  /** Which of them have come, and how far they were judged. */
  readonly windows: Pick<GroupWindows, 'judgedUpTo' | 'lastTime' | 'isWaiting' | 'overdue'>
  /** Takes the value of a window of a series, NaN when it has none after all. */
  put(series: Series, start: EventTime, value: number): Taken
  /** Judges what has ended by `watermark`, and anew what has changed since it was judged. */
  advance(watermark: EventTime): void
  /** Nothing comes of this group any more: what is open is closed. */
  end(time: EventTime): void
  /** What has changed since the last call, as of the record at `offset`, by the keys under which it is stored; null removes. */
  entries(offset: number): readonly (readonly [string, Buffer | null])[]
  /** All keys under which it may be stored. */
  keys(): readonly string[]
}
