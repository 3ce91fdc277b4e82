import type { LogRecord, SeriesKind, Tag } from '../../shared/avro/types.ts'
import { BadRecordError, type RejectionReason } from '../../shared/errors.ts'
import type { EventTime, Refusal, StreamRecord } from '../../shared/stream/task.ts'
import type { NormalizerConfig } from './config.ts'
import type { Events, LogEvent } from './format.ts'
import type { PointColumns } from './point-columns.ts'
import type { SeriesFactory, SeriesRef } from './series-cache.ts'

/** Refused parts that are told one by one; of more, only the number is. */
const maxRefusals = 1_000

/** Longest document id that Elasticsearch takes is 512 bytes; topic names have at most 249. */
const idOf = ({ topic, partition, offset, timestamp }: StreamRecord<unknown>, position: number) =>
  `${topic}-${partition}-${offset}-${position}-${timestamp.toString(36)}`

/** Takes what a format finds in one record. */
export class RecordEvents implements Events {
  readonly only: ReadonlySet<number> | undefined
  readonly defaultTime: EventTime
  readonly refusals: Refusal[] = []
  readonly logs: LogRecord[] = []
  refusedParts = 0
  points = 0
  skippedFields = 0
  readonly #record: StreamRecord<unknown>
  readonly #seriesFactory: SeriesFactory
  readonly #columns: PointColumns
  readonly #earliest: EventTime
  readonly #latest: EventTime

  constructor(
    record: StreamRecord<unknown>,
    config: NormalizerConfig,
    factory: SeriesFactory,
    columns: PointColumns,
    now: number,
    only?: ReadonlySet<number>,
  ) {
    this.only = only
    this.#record = record
    this.#seriesFactory = factory
    this.#columns = columns
    this.defaultTime = record.timestamp
    this.#earliest = Date.parse(config.earliestTime)
    // A raw topic may hold the producer's own time; then the worker's clock is the better judge.
    this.#latest = Math.min(record.timestamp, now) + config.maxFutureMs
  }

  series(metric: string, tags: readonly Tag[], kind?: SeriesKind, unit?: string): SeriesRef {
    return this.#seriesFactory.series(metric, tags, kind, unit)
  }

  timeProblem(time: EventTime) {
    if (time >= this.#earliest && time <= this.#latest) return undefined
    if (!Number.isFinite(time)) return { reason: 'invalid_timestamp', detail: 'the timestamp is not a time' }
    return time < this.#earliest
      ? { reason: 'timestamp_too_old', detail: `${isoOf(time)} is before ${isoOf(this.#earliest)}` }
      : {
          reason: 'timestamp_in_future',
          detail: `${isoOf(time)} is after ${isoOf(this.#latest)}, the latest that the broker’s clock allows`,
        }
  }

  point(series: SeriesRef, time: EventTime, value: number): void {
    this.#columns.add(series, time, value)
    this.points++
  }

  log(position: number, event: LogEvent): void {
    const problem = this.timeProblem(event.time)
    if (problem) this.refuse(position, problem.reason, problem.detail)
    else this.logs.push({ ...event, id: idOf(this.#record, position) })
  }

  refuse(position: number, reason: RejectionReason, detail: string): void {
    this.refusedParts++
    if (this.refusals.length < maxRefusals) this.refusals.push({ position, reason, detail })
  }

  skipField(count: number): void {
    this.skippedFields += count
  }
}

/** Runs `work`, unless this part is not wanted; what it throws of BadRecordError refuses this part only. */
export function refusing(events: Events, position: number, work: () => void): void {
  if (events.only && !events.only.has(position)) return
  try {
    work()
  } catch (error) {
    if (!(error instanceof BadRecordError)) throw error
    events.refuse(position, error.reason, error.message)
  }
}

const isoOf = (time: EventTime) => (Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time))
