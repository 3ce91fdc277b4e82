// Generated from schemas/*.avsc by `npm run generate`: do not edit.

/** What was gathered of one series in one window, so that it can be merged with others. */
export interface Aggregate {
  /** Count, sum, min, max and quantiles of the samples, in the byte form of shared/sketch. */
  readonly sketch: Uint8Array
  /** Of counters: what they gained, as doubles whose exact sum it is. */
  readonly increase: null | readonly number[]
  /** Of ratios, likewise. */
  readonly numerator: null | readonly number[]
  /** Of ratios, likewise. */
  readonly denominator: null | readonly number[]
}

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

/** A reading of a cumulative counter. */
export interface CounterPoint {
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number
  readonly value: number
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

/** Many samples of one series as its agent has counted them. When the series' kind is counter, all counts and the sum are cumulative; else they are what was added since the last point. Which fields hold the samples is said by form; the others are empty. */
export interface Histogram {
  /** Into the dictionary of the batch. */
  readonly seriesIndex: number
  /** Event time, milliseconds since 1970-01-01T00:00:00Z: the end of the interval. */
  readonly time: number
  readonly form: HistogramForm
  readonly count: number
  /** NaN when unknown. */
  readonly sum: number
  readonly min: null | number
  readonly max: null | number
  /** explicit: upper bounds, inclusive and ascending, one fewer than counts. summary: quantiles in [0, 1], ascending. */
  readonly bounds: readonly number[]
  /** explicit: samples per bucket, the last one unbounded. */
  readonly counts: readonly number[]
  /** summary: the value of each quantile. */
  readonly values: readonly number[]
  /** exponential: bucket i holds (base^i, base^(i+1)] with base 2^(2^-scale), as in OpenTelemetry. */
  readonly scale: number
  /** exponential: samples at zero. */
  readonly zeroCount: number
  /** exponential: index of the first of positiveCounts. */
  readonly positiveOffset: number
  readonly positiveCounts: readonly number[]
  readonly negativeOffset: number
  readonly negativeCounts: readonly number[]
  /** sketch: the byte form of shared/sketch. */
  readonly sketch: Uint8Array
}

/** How an agent has counted: in buckets with bounds of its own, in OpenTelemetry's exponential buckets, as quantiles it has computed, or in a sketch of Tidemark. */
export type HistogramForm = 'explicit' | 'exponential' | 'summary' | 'sketch'

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

/** A part of one window of a roll-up or ratio. */
export interface Partial {
  /** Of the roll-up: its name, and the tags that it keeps. */
  readonly series: Series
  /** Of the shortest window, milliseconds. */
  readonly start: number
  /** 0 at first, one more each time late points changed it. */
  readonly revision: number
  readonly aggregate: Aggregate
}

/** What one partition of the points topic contributes to roll-ups and ratios. A later partial of the same partition, series and start replaces an earlier one. */
export interface PartialBatch {
  /** Of the points topic. */
  readonly partition: number
  /** Partitions of the points topic, so that a reader knows whom to expect. */
  readonly partitions: number
  /** Event time up to which this partition has contributed all it has, milliseconds. */
  readonly watermark: number
  /** Kafka's timestamp of the points that brought the watermark there; 0 when unknown. */
  readonly timestamp: number
  readonly partials: readonly Partial[]
  /** Whether the points partition has been read to its end and brings nothing, nor do its sources, so that nobody need wait for it; false while there may be more. null when it tells of itself only now and then: then silence is taken for it. */
  readonly isIdle: null | boolean
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
  /** Points that were aggregated before they came here, beside the columns. */
  readonly histograms: readonly Histogram[]
  /** Whether the raw partition has been read to its end and brings nothing, so that nobody need wait for it; false while there may be more. null when the writer of the batch does not tell: then silence is taken for it. */
  readonly sourceIsIdle: null | boolean
  /** In a batch without points: the latest event that the raw partition has shown, whatever partition its points went to, milliseconds. null when there was none. */
  readonly sourceTime: null | number
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

/** What the numbers of a series mean: gauge is a value at a time; counter is cumulative and may reset; delta is what was added since the last point; distribution is one raw sample of many; ratio is a quotient whose two parts are carried, and only windows have it. */
export type SeriesKind = 'gauge' | 'counter' | 'delta' | 'distribution' | 'ratio'

/** What the aggregator remembers of a series beyond its short windows, as of a moment in the log of its partition. */
export interface SeriesState {
  readonly series: Series
  /** All that happened up to it is in here: 4 · offset, plus the number of quiet steps after that record. */
  readonly moment: number
  /** Moments at which the series was admitted and forgotten, in turns; an odd number of them while it is alive. */
  readonly lives: readonly number[]
  /** The last point of a counter that has left the short windows. */
  readonly counter: null | CounterPoint
  /** Likewise, of a cumulative histogram. */
  readonly histogram: null | Histogram
  readonly windows: readonly StoredWindow[]
}

/** The stretch of a raw topic that a batch was made from. */
export interface Source {
  readonly topic: string
  readonly partition: number
  readonly firstOffset: number
  /** Inclusive. */
  readonly lastOffset: number
  /** Kafka's timestamp of the last record, milliseconds: how far the reading of the raw partition has come. 0 when unknown. */
  readonly lastTimestamp: number
  /** Partitions of the raw topic, so that a reader knows whom to expect. 0 when unknown. */
  readonly partitions: number
}

/** A window longer than the shortest that still takes points: what of it can no longer change. */
export interface StoredWindow {
  readonly sizeMs: number
  readonly stepMs: number
  readonly start: number
  /** The next one to be emitted. */
  readonly revision: number
  readonly emitted: boolean
  readonly aggregate: Aggregate
}

/** One dimension of a series. Keys are unique within a series; an empty value means that the tag is absent and is never written. */
export interface Tag {
  /** Any Unicode, not empty. */
  readonly key: string
  /** Any Unicode, not empty. */
  readonly value: string
}

/** What happened to one series in [start, start + sizeMs) of event time. (series, start, sizeMs, stepMs) is its identity: a higher revision replaces a lower one. */
export interface Window {
  readonly series: Series
  /** Event time, milliseconds since 1970-01-01T00:00:00Z; a multiple of stepMs. */
  readonly start: number
  readonly sizeMs: number
  /** Distance between the starts of two windows: sizeMs for tumbling ones, less for sliding ones. 0 in old records means sizeMs. */
  readonly stepMs: number
  /** The number of late changes that it holds: 0 when emitted on time, higher ones replace lower ones. */
  readonly revision: number
  /** Samples; of a pre-aggregated point, those that it stands for. 0 of a ratio, and in a revision when all of them were found to belong to other windows. */
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  /** sum / count. */
  readonly mean: number
  /** Per second of the window: the increase of counters and deltas, the number of samples of all others. */
  readonly rate: number
  /** Quantiles by nearest rank, from the sketch: within 1 % of the exact value. */
  readonly p50: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
  /** What a counter or delta gained in the window, resets and overflows accounted for; null for other kinds. */
  readonly increase: null | number
  /** Of a ratio; its value is numerator / denominator, in mean. */
  readonly numerator: null | number
  /** Of a ratio. */
  readonly denominator: null | number
  /** The mergeable quantile sketch, in the byte form of shared/sketch. */
  readonly sketch: Uint8Array
}

/** Windows of series that hash to the record's partition. */
export interface WindowBatch {
  readonly windows: readonly Window[]
}
