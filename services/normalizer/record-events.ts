import type { LogRecord, SeriesKind, Span, Tag } from '../../shared/avro/types.ts'
import { BadRecordError, type RejectionReason } from '../../shared/errors.ts'
import { redrivenOf } from '../../shared/replay/redriven.ts'
import type { EventTime, Refusal, StreamRecord } from '../../shared/stream/task.ts'
import type { NormalizerConfig } from './config.ts'
import type { CountedSamples, Events, LogEvent } from './format.ts'
import type { PointColumns } from './point-columns.ts'
import type { SeriesFactory, SeriesRef } from './series-cache.ts'

/** Refused parts that are told one by one; of more, only the number is. */
const maxRefusals = 1_000

/** Longest document id that Elasticsearch takes is 512 bytes; topic names have at most 249. */
const idOf = ({ topic, partition, offset, timestamp }: StreamRecord<unknown>, position: number) =>
  `${topic}-${partition}-${offset}-${position}-${timestamp.toString(36)}`

/** Takes what a format finds in one record after the other: one object a task, so that a record makes none. */
export class RecordEvents implements Events {
  only: ReadonlySet<number> | undefined
  defaultTime: EventTime = 0
  /** Of the record that is being read, as are the numbers below. */
  refusals: Refusal[] = []
  refusedParts = 0
  points = 0
  skippedFields = 0
  /** Of all records since they were taken last. */
  #logs: LogRecord[] = []
  #logsBefore = 0
  #spans: Span[] = []
  #spansBefore = 0
  #record: StreamRecord<unknown> | undefined
  #latest: EventTime = 0
  readonly #seriesFactory: SeriesFactory
  readonly #columns: PointColumns
  readonly #earliest: EventTime
  readonly #maxFutureMs: number

  constructor(config: NormalizerConfig, factory: SeriesFactory, columns: PointColumns) {
    this.#seriesFactory = factory
    this.#columns = columns
    this.#earliest = Date.parse(config.earliestTime)
    this.#maxFutureMs = config.maxFutureMs
  }

  /** What comes from now on stands in this record. */
  readFrom(record: StreamRecord<unknown>, now: EventTime): void {
    const redriven = redrivenOf(record.headers)
    const timestamp = redriven?.timestamp ?? record.timestamp
    this.only = redriven?.only
    this.#record = redriven ? { ...record, timestamp } : record
    this.#columns.readFrom(record)
    this.defaultTime = timestamp
    // A raw topic may hold the producer's own time; then the worker's clock is the better judge.
    this.#latest = Math.min(timestamp, now) + this.#maxFutureMs
    if (this.refusedParts > 0) this.refusals = []
    this.refusedParts = 0
    this.points = 0
    this.skippedFields = 0
    this.#logsBefore = this.#logs.length
    this.#spansBefore = this.#spans.length
  }

  /** Log events of this record. */
  get logs(): number {
    return this.#logs.length - this.#logsBefore
  }

  /** Spans of this record. */
  get spans(): number {
    return this.#spans.length - this.#spansBefore
  }

  /** The log events of all records since the last call. */
  takeLogs(): readonly LogRecord[] {
    const logs = this.#logs
    if (logs.length > 0) this.#logs = []
    return logs
  }

  /** The spans of all records since the last call. */
  takeSpans(): readonly Span[] {
    const spans = this.#spans
    if (spans.length > 0) this.#spans = []
    return spans
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

  histogram(series: SeriesRef, histogram: CountedSamples): void {
    this.#columns.addHistogram(series, histogram)
    this.points++
  }

  log(position: number, event: LogEvent): void {
    const problem = this.timeProblem(event.time)
    if (problem) this.refuse(position, problem.reason, problem.detail)
    else this.#logs.push({ ...event, id: idOf(this.#record!, position) })
  }

  span(position: number, span: Span): void {
    const problem = this.timeProblem(span.time)
    if (problem) this.refuse(position, problem.reason, problem.detail)
    else this.#spans.push(span)
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
