import type { LogLevel, LogRecord } from '../avro/types.ts'
import type { TopicPartition } from '../stream/task.ts'
import type { Fields } from './fields.ts'

/** Where an event stands in its raw partition. */
export interface Place {
  readonly offset: number
  /** In that record, from 0. */
  readonly position: number
  /** Kafka's, of that record, milliseconds. */
  readonly timestamp: number
}

/** A log event, as it goes into a batch or comes out of it. */
export interface PlacedLog extends Omit<LogRecord, 'id' | 'attributes'>, Place {
  readonly attributes: Fields
}

/** A log event as a format reads it, before it is said where it stands. */
export type LogEvent = Omit<PlacedLog, keyof Place>

export function placed(
  { time, service, host, level, message, traceId, spanId, attributes }: LogEvent,
  { offset, position, timestamp }: Place,
): PlacedLog {
  return { offset, position, timestamp, time, service, host, level, message, traceId, spanId, attributes }
}

/**
 * The id of the event that stands at this place of a raw partition; the same at every replay. Longest document id that
 * Elasticsearch takes is 512 bytes; topic names have at most 249.
 */
export const eventId = ({ topic, partition }: TopicPartition, { offset, position, timestamp }: Place) =>
  `${topic}-${partition}-${offset}-${position}-${timestamp.toString(36)}`

/** In the order of the schema. */
export const logLevels: readonly LogLevel[] = ['unknown', 'trace', 'debug', 'info', 'warn', 'error', 'fatal']
