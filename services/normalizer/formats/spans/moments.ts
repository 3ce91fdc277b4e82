import type { SpanEvent } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import { integerOf } from '../otlp/values.ts'

/** A time to the nanosecond, as spans have it. */
export type Moment = Pick<SpanEvent, 'time' | 'timeNanos'>

/** From microseconds since 1970; undefined when they are not there, or 0. Throws BadRecordError when they are no time. */
export function momentOfMicros(value: unknown): Moment | undefined {
  const micros = integerOf(value, 'a time')
  if (micros === 0) return undefined
  return momentOf(Math.floor(micros / 1e6), (micros - Math.floor(micros / 1e6) * 1e6) * 1_000)
}

/** From seconds since 1970 and nanoseconds; undefined when both are 0. Throws BadRecordError when they are no time. */
export function momentOf(seconds: number, nanos: number): Moment | undefined {
  if (seconds === 0 && nanos === 0) return undefined
  const time = seconds * 1_000 + Math.floor(nanos / 1e6)
  if (!Number.isSafeInteger(time) || nanos < 0 || nanos >= 1e9)
    throw new BadRecordError('invalid_timestamp', 'a time is out of all bounds')
  return { time, timeNanos: nanos % 1e6 }
}

/** Where a span begins that does not say it: with the first of its events, else at the time of the record. */
export function startWithout(events: readonly SpanEvent[], defaultTime: EventTime): Moment {
  let first: Moment = events[0] ?? { time: defaultTime, timeNanos: 0 }
  for (const event of events) if (isBefore(event, first)) first = event
  return { time: first.time, timeNanos: first.timeNanos }
}

/** Clocks are set while spans last: one that ends before it begins took no time. Throws BadRecordError. */
export function durationOfNanos(nanos: number): number {
  if (nanos > Number.MAX_SAFE_INTEGER)
    throw new BadRecordError('invalid_timestamp', 'the span lasts longer than 104 days')
  return Math.max(0, nanos)
}

const isBefore = (a: Moment, b: Moment) => a.time < b.time || (a.time === b.time && a.timeNanos < b.timeNanos)
