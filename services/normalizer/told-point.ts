import type { SeriesKind, Tag } from '../../shared/avro/types.ts'
import { BadRecordError } from '../../shared/errors.ts'
import type { EventTime } from '../../shared/stream/task.ts'
import type { Events } from './format.ts'
import { isInRange } from './rules/value-range.ts'

/** A point that a log event or a span tells beside itself. */
export interface ToldPoint {
  readonly metric: string
  readonly tags: readonly Tag[]
  readonly kind: SeriesKind
  readonly unit: string
  /** NaN when there is no number where one was looked for. */
  readonly value: number
  readonly time: EventTime
}

/** Where such points go. */
export type PointEvents = Pick<Events, 'series' | 'timeProblem' | 'point' | 'skipField'>

/** A point that can't be made is passed over and counted, for what tells it has nothing wrong. */
export function tellPoint(events: PointEvents, { metric, tags, kind, unit, value, time }: ToldPoint): void {
  try {
    const series = events.series(metric, tags, kind, unit)
    const { limit } = series
    const isOutside = typeof limit === 'object' && !isInRange(limit, value)
    if (!Number.isFinite(value) || isOutside || events.timeProblem(time)) events.skipField(1)
    else events.point(series, time, value)
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error
    events.skipField(1)
  }
}
