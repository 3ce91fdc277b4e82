import type { Exemplar, Histogram, SeriesKind, Span, Tag } from '../../shared/avro/types.ts'
import type { RejectionReason } from '../../shared/errors.ts'
import type { LogEvent } from '../../shared/logs/placed-log.ts'
import type { Parts } from '../../shared/replay/redriven.ts'
import type { EventTime } from '../../shared/stream/task.ts'
import type { NormalizerConfig } from './config.ts'
import type { Draft, LogLine } from './line-joiner.ts'
import type { Payload } from './payload.ts'
import type { SeriesRef } from './series-cache.ts'

/** One wire format: how its bytes are told from others, and what is in them. One file each in `formats/`. */
export interface Format {
  /** As configuration and metrics name it. */
  readonly name: string
  /** Values of a content-type header that mean this format, without parameters. */
  readonly contentTypes: readonly string[]
  /** Whether these bytes look like this format. Cheap, and never throws. */
  recognizes(payload: Payload): boolean
  /** A reader for one task, which may keep what makes it faster, but nothing that changes what it finds. */
  createReader(options: ReaderOptions): Reader
}

export type ReaderOptions = Pick<
  NormalizerConfig,
  'timestampPrecision' | 'timeZone' | 'cachedSeries' | 'maxAttributes' | 'maxUnpackedBytes' | 'resourceTags'
>

export interface Reader {
  /** Hands what it finds to `events`. Throws BadRecordError when the payload as a whole can't be read. */
  read(payload: Payload, events: Events): void
  /**
   * Reads a payload that is surely of this format, without a look at what it is as a whole; false, with nothing done, when that
   * can't be told so cheaply. For a format in which payloads come one after the other.
   */
  readIfSure?(payload: Payload, events: Events): boolean
}

/** What a format makes of one payload. Positions count lines or elements from 0. */
export interface Events {
  /** The parts to take, of a record of which the others were taken before; undefined for all. */
  readonly only: Parts | undefined
  /** The time of events that carry none: when the broker took the record. */
  readonly defaultTime: EventTime
  /** The series of this name and these tags, which may be in any order. Throws BadRecordError when they break a limit. */
  series(metric: string, tags: readonly Tag[], kind?: SeriesKind, unit?: string): SeriesRef
  /** Whether an event of that time is taken; if not, the reason. */
  timeProblem(time: EventTime): { readonly reason: RejectionReason; readonly detail: string } | undefined
  /** What is found from now on stands in this part. */
  part(position: number): void
  /** A point whose time and value have been checked, and the exemplar that came with it. */
  point(series: SeriesRef, time: EventTime, value: number, exemplar?: Exemplar): void
  /**
   * Samples that the agent has counted itself; cumulative when the series' kind is counter. Time and samples have been checked, see
   * requireSound.
   */
  histogram(series: SeriesRef, histogram: CountedSamples, exemplar?: Exemplar): void
  log(position: number, event: LogEvent): void
  /**
   * A line of a log event that may go on with the next line of the same source, in this record or in a later one;
   * `begin` makes the event of it, when it does not go on with the one before.
   */
  line<Line extends LogLine>(
    position: number,
    source: string,
    line: Line,
    begin: (line: Line) => Draft<Line>,
  ): void
  span(position: number, span: Span): void
  /** This part can't be taken; the others go on. */
  refuse(position: number, reason: RejectionReason, detail: string): void
  /** Fields that are no numbers, in metrics: passed over and counted. */
  skipField(count: number): void
}

/** A histogram as a format reads it; what it leaves out is empty. */
export type CountedSamples = Pick<Histogram, 'time' | 'form' | 'count' | 'sum'> &
  Partial<Omit<Histogram, 'seriesIndex'>>
