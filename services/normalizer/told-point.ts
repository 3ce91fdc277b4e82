import type { Exemplar } from '../../shared/avro/types.ts'
import { BadRecordError } from '../../shared/errors.ts'
import type { EventTime } from '../../shared/stream/task.ts'
import type { Events } from './format.ts'
import { isInRange } from './rules/value-range.ts'
import type { SeriesRef } from './series-cache.ts'

/** Where points go that log events and spans tell beside themselves. */
export type PointEvents = Pick<Events, 'series' | 'timeProblem' | 'point' | 'skipField'>

/**
 * Makes such a point, of the series that `seriesOf` gives. One that can't be made, because a limit is broken or `value` is NaN, is
 * passed over and counted, for what tells it has nothing wrong.
 */
export function tellPoint(
  events: PointEvents,
  seriesOf: () => SeriesRef,
  time: EventTime,
  value: number,
  exemplar?: Exemplar,
): void {
  try {
    const series = seriesOf()
    const { limit } = series
    const isOutside = typeof limit === 'object' && !isInRange(limit, value)
    if (!Number.isFinite(value) || isOutside || events.timeProblem(time)) events.skipField(1)
    else events.point(series, time, value, exemplar)
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error
    events.skipField(1)
  }
}
