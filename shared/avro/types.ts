// Generated from schemas/*.avsc by `npm run generate`: do not edit.

/** A statistic of one window that its model did not expect. */
export interface Anomaly {
  /** Made from series, window, statistic and model: a revision of the window has the same id. */
  readonly id: string
  readonly series: Series
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly windowStart: number
  readonly windowSizeMs: number
  /** The revision of the window it was found in. */
  readonly revision: number
  /** Which field of the window: mean, p99, count… */
  readonly statistic: string
  /** Which model found it. */
  readonly model: string
  readonly value: number
  /** How far from expected, in robust standard deviations; always positive. */
  readonly score: number
  readonly expected: number
  /** Lower end of the range that would not have been an anomaly. */
  readonly expectedLow: number
  /** Upper end of that range. */
  readonly expectedHigh: number
  readonly direction: Direction
}

/** A record that a stage refused, whole, with the reason and where it came from. */
export interface DeadLetter {
  /** The service that refused it. */
  readonly stage: string
  /** A short stable code, such as unparseable or timestamp_too_old. */
  readonly reason: string
  /** A sentence for a person. */
  readonly detail: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** The refused record's Kafka timestamp, milliseconds. */
  readonly timestamp: number
  readonly key: null | Uint8Array
  /** The original bytes; null when the record had none. */
  readonly value: null | Uint8Array
  readonly headers: readonly Header[]
  /** Empty when the whole record was refused; else the refused parts, the others having gone on. */
  readonly rejections: readonly Rejection[]
}

/** On which side of the expected range the value lies. */
export type Direction = 'above' | 'below'

/** A Kafka record header. */
export interface Header {
  readonly key: string
  readonly value: Uint8Array
}

/** Log events of one source partition, in their order there. */
export interface LogBatch {
  readonly source: Source
  readonly logs: readonly LogRecord[]
}

/** Severity, ordered. The producer's own word for it is kept in the attributes under log.level. */
export type LogLevel = 'unknown' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** One log event. */
export interface LogRecord {
  /** Made from where the event stands in the raw topic, so the same event has the same id at every replay; the document id in Elasticsearch. */
  readonly id: string
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number
  /** Who wrote it; 'unknown' when the event does not say. */
  readonly service: string
  /** Empty when unknown. */
  readonly host: string
  readonly level: LogLevel
  readonly message: string
  readonly traceId: null | string
  readonly spanId: null | string
  /** All other fields of the event, flattened to dotted names. */
  readonly attributes: Readonly<Record<string, string>>
}

/** Points of many series, in columns: point i belongs to series[seriesIndex[i]], happened at times[i] and has values[i]. The three columns have the same length. A record holds only series that hash to its partition, and points of one source partition in their order there. */
export interface PointBatch {
  readonly source: Source
  /** The dictionary of the batch; each series once. */
  readonly series: readonly Series[]
  readonly seriesIndex: readonly number[]
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly times: readonly number[]
  /** Finite numbers. */
  readonly values: readonly number[]
}

/** One part of a record that was refused. */
export interface Rejection {
  /** Which line or element, counted from 0. */
  readonly position: number
  readonly reason: string
  readonly detail: string
}

/** The identity of a time series: the metric's name and its tags. Kind and unit describe it and are not part of the identity. */
export interface Series {
  /** Dotted name, such as cpu.usage_user. */
  readonly metric: string
  /** Sorted by key (UTF-16 code units), without empty values. */
  readonly tags: readonly Tag[]
  readonly kind: SeriesKind
  /** UCUM unit as in OpenTelemetry, such as By or ms; empty when unknown. */
  readonly unit: string
}

/** What the numbers of a series mean: gauge is a value at a time; counter is cumulative and may reset; delta is what was added since the last point; distribution is one raw sample of many. */
export type SeriesKind = 'gauge' | 'counter' | 'delta' | 'distribution'

/** The stretch of a raw topic that a batch was made from. */
export interface Source {
  readonly topic: string
  readonly partition: number
  readonly firstOffset: number
  /** Inclusive. */
  readonly lastOffset: number
}

/** One dimension of a series. Keys are unique within a series; an empty value means that the tag is absent and is never written. */
export interface Tag {
  /** Any Unicode, not empty. */
  readonly key: string
  /** Any Unicode, not empty. */
  readonly value: string
}

/** What happened to one series in [start, start + sizeMs) of event time. (series, start, sizeMs) is its identity: a higher revision replaces a lower one. */
export interface Window {
  readonly series: Series
  /** Event time, milliseconds since 1970-01-01T00:00:00Z; a multiple of sizeMs. */
  readonly start: number
  readonly sizeMs: number
  /** 0 when first emitted, one more each time late points changed it. */
  readonly revision: number
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  /** sum / count. */
  readonly mean: number
  /** Points per second: count / (sizeMs / 1000). */
  readonly rate: number
  /** Quantiles by nearest rank, from the sketch: within 1 % of the exact value. */
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  /** The mergeable quantile sketch, in the byte form of shared/sketch. */
  readonly sketch: Uint8Array
}

/** Windows of series that hash to the record's partition. */
export interface WindowBatch {
  readonly windows: readonly Window[]
}
