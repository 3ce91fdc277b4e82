import type { Exemplar } from '../../../../shared/avro/types.ts'
import { isId } from '../../../../shared/points/exemplars.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'

/**
 * How far an exemplar's time may be from that of its point. Clients of Prometheus tell the last one of each bucket again with each
 * scrape, for as long as no other comes.
 */
const maxDistanceMs = 60_000

/**
 * What a format has read of an exemplar of a point of `pointTime`; without a `time` of its own it has that of its point. Undefined when nobody
 * could use it: without a trace or a finite value, or from another time. It never costs its point.
 */
export function exemplarOf(
  pointTime: EventTime,
  traceId: string,
  spanId: string,
  value: number,
  time: EventTime = pointTime,
): Exemplar | undefined {
  const at = Math.floor(time)
  if (!isId(traceId) || !Number.isFinite(value) || !(Math.abs(pointTime - at) <= maxDistanceMs))
    return undefined
  return { traceId, spanId: isId(spanId) ? spanId : null, value, time: at }
}
