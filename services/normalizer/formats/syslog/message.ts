import type { LogEvent } from '../../../../shared/logs/placed-log.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import type { Attributes } from '../parts/attributes.ts'
import type { Origin } from '../parts/origin.ts'
import type { Zone } from '../parts/zone.ts'

/** What is known of a message before it is read. */
export interface SyslogContext {
  readonly maxAttributes: number
  /** Of times without an offset. */
  readonly zone: Zone
  readonly origin: Origin
  /** When the broker took it: the time of messages without one, and what tells the year of times without one. */
  readonly near: EventTime
}

/** What a message says behind its priority. */
export type SyslogMessage = Pick<LogEvent, 'time' | 'message' | 'service' | 'host'> & {
  readonly attributes: Attributes
}
