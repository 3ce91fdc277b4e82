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
  /** Of sets: their members, as in Window. */
  readonly members: null | Uint8Array
  /** As in Window. */
  readonly exemplar: null | Exemplar
}

/** One incident of one series: a run of windows that were not as expected. A record of the same id with a higher revision replaces it. */
export interface Anomaly {
  /** Made from series, window length, statistic and start, so that reading the windows again gives the same. */
  readonly id: string
  /** Counts the records of this incident from 0. */
  readonly revision: number
  readonly state: AnomalyState
  readonly series: Series
  readonly windowSizeMs: number
  /** Which field of the windows: mean, p99, count… */
  readonly statistic: string
  /** Which detector found it. */
  readonly model: string
  /** The window that this record was written at: event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly windowStart: number
  /** Start of the first window that was not as expected, event time. */
  readonly start: number
  /** Start of the most unusual window so far; value, score and all below are of it. */
  readonly peak: number
  /** End of the last window that was not as expected; null while it may go on. */
  readonly end: null | number
  /** How many windows were not as expected. */
  readonly windows: number
  /** What the series did: spike, drop, level-shift, trend, variance, flat-line, missing (it has stopped), shape (unlike before) or peer (unlike its siblings). */
  readonly kind: string
  readonly severity: Severity
  readonly direction: Direction
  /** Of a series that has stopped, the last one it had. */
  readonly value: number
  /** How unusual, 0 or more, comparable within the series. */
  readonly score: number
  /** How unusual for this series, in [0, 1], with the same meaning on every series: 0.999999 is once in a million windows. */
  readonly likelihood: number
  /** The same in nats, -ln(1 - likelihood), which goes on where a likelihood can't be told from 1. */
  readonly surprise: number
  readonly expected: number
  /** Lower end of the range that is normal. */
  readonly lower: number
  /** Upper end of that range. */
  readonly upper: number
  /** Which models found it unusual, the foremost first. */
  readonly contributions: readonly Contribution[]
  /** The limit that the series meets if it goes on as it does, of detector.limits; null when none is ahead, and of an anomaly that is over. */
  readonly limit: null | number
  /** When it meets the limit, event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly reachesLimitAt: null | number
  /** The same by the steepest slope that is plausible (95 %). */
  readonly reachesLimitEarliest: null | number
  /** The same by the least steep one. */
  readonly reachesLimitLatest: null | number
  /** The deploy of its series shortly after which it began, if there was one. */
  readonly deploy: null | Deploy
  /** All of it in a sentence for a person. */
  readonly message: string
}

/** Where an incident stands: open is new, or open again; peak goes on and has become worse, or was corrected; closed is over, or was corrected afterwards; withdrawn never was, as late data or a marker have shown. */
export type AnomalyState = 'open' | 'peak' | 'closed' | 'withdrawn'

/** How much a model had to say. */
export interface Contribution {
  readonly model: string
  /** In [0, 1]. */
  readonly share: number
}

/** A reading of a cumulative counter. */
export interface CounterPoint {
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number
  readonly value: number
}

/** A record that a stage refused or parked, whole, with the reason and where it came from. */
export interface DeadLetter {
  /** The service that refused or parked it. */
  readonly stage: string
  /** A short stable code, such as unparseable, timestamp_too_old or quota_points. */
  readonly reason: string
  /** A sentence for a person. */
  readonly detail: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** The record's Kafka timestamp, milliseconds. */
  readonly timestamp: number
  readonly key: null | Uint8Array
  /** The original bytes; null when the record had none. */
  readonly value: null | Uint8Array
  readonly headers: readonly Header[]
  /** Empty when it is about the whole record; else the parts that it is about, the others having gone on. */
  readonly rejections: readonly Rejection[]
  /** Whose quota was used up; null in dead letters, and for parts of many tenants. */
  readonly tenant: null | string
}

/** The deploy shortly after which an anomaly began. */
export interface Deploy {
  /** Of the marker. */
  readonly id: string
  /** Event time. */
  readonly at: number
  readonly text: string
  /** The share of series that it may have changed among all that are watched, at most, in (0, 1]. */
  readonly share: number
}

/** On which side of the normal range the value lies; none when it is inside, and something else about it is unusual. */
export type Direction = 'above' | 'below' | 'none'

/** What the detector remembers of an entity whose fields it looks at together, as of a record of its partition. */
export interface EntityState {
  readonly rule: string
  readonly group: Series
  readonly statistic: string
  readonly sizeMs: number
  readonly step: WindowStep
  /** Of the last record that is in here. */
  readonly offset: number
  /** Start of the latest window that was judged. */
  readonly judgedUpTo: null | number
  /** How far event time was when this was written. */
  readonly storedAt: null | number
  /** In order of time. */
  readonly windows: readonly PeerWindow[]
  /** By place. */
  readonly fields: readonly Series[]
  readonly watch: WatchState
  /** The values of the fields in the windows of the watch, of one window after the other. */
  readonly besides: readonly number[]
}

/** A run of windows of one series that were not as expected, with no longer pause between them than the cool-down. */
export interface Episode {
  /** Start of the first of them, event time. */
  readonly start: number
  /** Start of the last of them so far. */
  readonly last: number
  /** How many they are. */
  readonly windows: number
  /** Whether the last of them is one that did not come. */
  readonly isSilent: boolean
  /** The window with which the cool-down was over; null while it may go on. */
  readonly closedAt: null | number
  readonly peak: Peak
  /** With a limit, as of the last of these windows. */
  readonly meeting: null | Meeting
}

/** One measurement out of many, and the trace in which it was made. */
export interface Exemplar {
  /** As the agent has it, in lower-case hexadecimal digits by OpenTelemetry; up to 128 printable characters of ASCII. */
  readonly traceId: string
  /** Likewise; null when it is not told. */
  readonly spanId: null | string
  /** What was measured, finite, in the unit of the series. */
  readonly value: number
  /** When it was measured, milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number
}

/** What was expected of one statistic of a window before it was known, and how unusual it then was. */
export interface Expectation {
  readonly series: Series
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly windowStart: number
  readonly windowSizeMs: number
  /** Which field of the window: mean, p99, count… */
  readonly statistic: string
  readonly expected: number
  /** Lower end of the range that is normal. */
  readonly lower: number
  /** Upper end of that range. */
  readonly upper: number
  /** How unusual the value was, 0 or more, comparable within the series. */
  readonly score: number
  /** The same in [0, 1], with the same meaning on every series. */
  readonly likelihood: number
  /** Whether it takes the place of an earlier one, because of late data. */
  readonly isCorrection: boolean
}

/** Expectations of series that hash to the record's partition. */
export interface ExpectationBatch {
  readonly expectations: readonly Expectation[]
}

/** What is told of an anomaly to whoever looks at those of all series together. */
export interface Finding {
  readonly anomalyId: string
  /** Of the anomaly. */
  readonly revision: number
  readonly state: AnomalyState
  readonly series: Series
  readonly statistic: string
  readonly kind: string
  readonly severity: Severity
  readonly likelihood: number
  readonly score: number
  /** Start of its first window that was not as expected, event time. */
  readonly start: number
  /** End of the last one, if it is over. */
  readonly end: null | number
  /** The share of this metric's series among all that are watched, in (0, 1]. */
  readonly metricShare: number
  /** Of each tag of the series, in their order, the share of series with that very tag; empty when it is not known. */
  readonly tagShares: readonly number[]
  /** As in the anomaly. */
  readonly deploy: null | Deploy
}

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

/** Anomalies of several series that began together. A record of the same id with a higher revision replaces it. */
export interface Incident {
  /** That of its first anomaly. */
  readonly id: string
  /** Counts the records of this incident from 0. */
  readonly revision: number
  /** peak means that it has grown or become worse. */
  readonly state: AnomalyState
  /** The tags of detector.incidentScope that all its series share. */
  readonly scope: readonly Tag[]
  /** Start of the first window that was not as expected, event time. */
  readonly start: number
  /** End of the last one, once all of its anomalies are over. */
  readonly end: null | number
  /** The highest of its anomalies. */
  readonly severity: Severity
  /** How many series belong to it. */
  readonly series: number
  /** How many metrics these are of. */
  readonly metrics: number
  /** How many of them are not over. */
  readonly openSeries: number
  /** What explains it, the best first; five at most. */
  readonly causes: readonly IncidentCause[]
  /** The foremost anomalies: the most severe first, the earliest of these before; twenty at most. */
  readonly members: readonly IncidentMember[]
  /** All of it in a sentence for a person. */
  readonly message: string
}

/** What the series of an incident have in common and others have not: where to look first. */
export interface IncidentCause {
  /** A tag; or metric, or deploy, which no tag may be called here. */
  readonly key: string
  readonly value: string
  /** Series of the incident that have it. */
  readonly series: number
  /** The share of series that have it among all that are watched, in (0, 1]. */
  readonly share: number
  /** How much it explains: the log-likelihood ratio of so many against what the share would let expect, in nats. */
  readonly gain: number
}

/** An anomaly that belongs to an incident of several series. */
export interface IncidentMember {
  readonly anomalyId: string
  readonly series: Series
  readonly statistic: string
  readonly kind: string
  readonly severity: Severity
  /** Start of its first window that was not as expected, event time. */
  readonly start: number
  readonly likelihood: number
  readonly score: number
  readonly isOver: boolean
}

/** What is remembered of anomalies that began together, but for its members, which have a record each. */
export interface IncidentState {
  readonly scope: readonly Tag[]
  /** The earliest start of an anomaly, event time. */
  readonly first: number
  /** The latest one. */
  readonly latest: number
  /** Of the next record; 0 while it was not told. */
  readonly revision: number
  /** How many series the last record had. */
  readonly toldSeries: number
  readonly toldSeverity: Severity
  /** Its place among all that began, ascending. */
  readonly begun: number
}

/** Log events of one source partition, in their order there. */
export interface LogBatch {
  readonly source: Source
  readonly logs: readonly LogRecord[]
  /** The events in fewer bytes, as the normalizer writes them; logs is then empty. */
  readonly packed: null | PackedLogs
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

/** The anomaly that a person speaks of, as it was told last: what the detector need know of it, which has long forgotten it. */
export interface MarkedAnomaly {
  readonly id: string
  readonly series: Series
  readonly windowSizeMs: number
  readonly statistic: string
  /** Event time. */
  readonly start: number
  /** null when it was not over. */
  readonly end: null | number
  readonly direction: Direction
  /** Of its peak, in nats. */
  readonly surprise: number
  /** Of its peak from what was expected; null where the value was in the normal range, or had not come. */
  readonly distance: null | number
}

/** What a person or a pipeline knows and the windows do not show. A marker of the same id replaces those before. */
export interface Marker {
  /** Also the record's key. */
  readonly id: string
  readonly kind: MarkerKind
  /** Whether it is taken back: then it is as if it had never been, as far as that can still be mended. */
  readonly isRemoved: boolean
  /** Pattern for the metric of the series that it is about; * stands for any characters. */
  readonly metric: string
  /** Tags that these series must have, by patterns for their values. */
  readonly where: Readonly<Record<string, string>>
  /** When it happened or begins, event time; of expected and real, the start of the anomaly. */
  readonly from: number
  /** When a maintenance ends; null for all other kinds. */
  readonly to: null | number
  readonly who: string
  /** For people: the version that was deployed, the reason for a maintenance. */
  readonly text: string
  /** Of expected and real, which then are about its series alone. */
  readonly anomaly: null | MarkedAnomaly
}

/** What a marker tells: deploy, something was changed; maintenance, a time in which nothing is an anomaly; expected and real, what a person says of an anomaly; note changes nothing. */
export type MarkerKind = 'note' | 'deploy' | 'maintenance' | 'expected' | 'real'

/** A marker that the detector knows of, and the stretch of its partition in which it does. */
export interface MarkerState {
  readonly marker: Marker
  /** Of the record that told it. */
  readonly offset: number
  /** Of the record since which it counts no more; null while it does. */
  readonly goneAt: null | number
}

/** When a series meets a limit if it goes on as it does: event time, milliseconds since 1970-01-01T00:00:00Z. */
export interface Meeting {
  readonly limit: number
  readonly at: number
  /** By the steepest slope that is plausible (95 %). */
  readonly earliest: number
  /** By the least steep one. */
  readonly latest: number
}

/** The log events of a LogBatch in fewer bytes: a text that comes again is there once, and so are the names of attributes. All numbers are zigzag varints, as Avro itself writes a long. A reference to a text is 0 for the next of texts, 1 for the next of texts, which from then on has a number, 2 for none, and n + 3 for the text with number n. All numbers of things count from 0. */
export interface PackedLogs {
  /** Number of events. */
  readonly count: number
  /** Of attributes, each once. */
  readonly names: readonly string[]
  /** For each list of attributes that events have: how many, and the number of each one's name. */
  readonly shapes: Uint8Array
  /** All texts, one behind the other, in the order in which events speak of them. */
  readonly texts: string
  /** Of each text its length, in code units of UTF-16. */
  readonly lengths: Uint8Array
  /** Where each event stands in the raw partition: its offset, as a step from the event before; its position in that record; Kafka's timestamp of that record in milliseconds, as a step from the event before. The id of the event is topic-partition-offset-position-timestamp, the last in base 36. */
  readonly places: Uint8Array
  /** Event times in milliseconds, each as a step from the one before; the first since 1970-01-01T00:00:00Z. */
  readonly times: Uint8Array
  /** For each event: the number of its shape; its level as LogLevel counts; references to service, host, message, trace id and span id, of which the last two may be none; and a reference to the text of each attribute. */
  readonly events: Uint8Array
}

/** The three columns of a PointBatch in fewer bytes. All numbers are zigzag varints, as Avro itself writes a long, one for each point. */
export interface PackedPoints {
  /** Number of points. */
  readonly count: number
  /** What the index is more than that of the point before; the first as it is. */
  readonly seriesIndex: Uint8Array
  /** Milliseconds since the time of the point before; the first since 1970-01-01T00:00:00Z. */
  readonly times: Uint8Array
  /** 8 · digits + decimals for a value that is exactly digits / 10^decimals, with 0 to 6 decimals and digits below 2^49; 7 for any other, which is the next in doubles. */
  readonly values: Uint8Array
  /** Finite numbers. */
  readonly doubles: readonly number[]
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

/** The most unusual window of an incident, and what was thought of it then. */
export interface Peak {
  /** Start of the window, event time. */
  readonly time: number
  readonly value: number
  readonly score: number
  readonly likelihood: number
  /** -ln(1 - likelihood). */
  readonly surprise: number
  readonly expected: number
  readonly lower: number
  readonly upper: number
  readonly kind: string
  /** Of the detector's models, in their order. */
  readonly shares: readonly number[]
}

/** What one partition of the windows topic has of series that are compared with their siblings, and how far it has come. */
export interface PeerBatch {
  /** What the windows are made of. */
  readonly step: WindowStep
  /** Of the windows topic. */
  readonly partition: number
  /** Partitions of the windows topic, so that a reader knows whom to expect. */
  readonly partitions: number
  /** Event time up to which this partition has told all its windows of this step, late data aside; null while more is to come. */
  readonly watermark: null | number
  /** Kafka's timestamp of the windows. */
  readonly timestamp: number
  readonly groups: readonly PeerSamples[]
}

/** What the detector remembers of a group of siblings, as of a record of its partition, but for its members, which have a record each of the same offset. */
export interface PeerGroupState {
  readonly rule: string
  readonly group: Series
  readonly statistic: string
  readonly sizeMs: number
  readonly step: WindowStep
  /** Of the last record that is in here. */
  readonly offset: number
  /** Start of the latest window that was judged. */
  readonly judgedUpTo: null | number
  /** How far event time was when this was written. */
  readonly storedAt: null | number
  /** In order of time. */
  readonly windows: readonly PeerWindow[]
}

/** What is remembered of one member of a group of siblings. */
export interface PeerMemberState {
  /** Its place in the group. */
  readonly place: number
  /** As of which record. */
  readonly offset: number
  /** Start of its latest window, event time. */
  readonly lastTime: number
  /** How it usually differs from its siblings: by how much and by which factor (its logarithm) lately, by how much in the long run, and how many windows say so of differences and ratios. */
  readonly norm: readonly number[]
  /** The same in the epoch before. */
  readonly normBefore: readonly number[]
  readonly watch: WatchState
  /** What stands beside the values of the watch, of one window after the other. */
  readonly besides: readonly number[]
}

/** One window of one member. A later sample of the same series and start replaces an earlier one. */
export interface PeerSample {
  readonly series: Series
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly start: number
  /** NaN when a revision has left the window without samples. */
  readonly value: number
}

/** Figures of windows of some members of one group of siblings. */
export interface PeerSamples {
  /** By which they are compared: a hash of the rule. */
  readonly rule: string
  /** The metric, with the tags that all members have. */
  readonly group: Series
  /** Which field of the windows: mean, p99, count… */
  readonly statistic: string
  /** Length of the windows. */
  readonly sizeMs: number
  readonly samples: readonly PeerSample[]
}

/** A window of all members of a group. */
export interface PeerWindow {
  /** Event time. */
  readonly start: number
  readonly isJudged: boolean
  /** Whether a value has changed since it was judged. */
  readonly isStale: boolean
  /** By the place of the member; NaN where nothing came. */
  readonly values: readonly number[]
}

/** Points of many series, in columns: point i belongs to series[seriesIndex[i]], happened at times[i] and has values[i]. The three columns have the same length. A record holds only series that hash to its partition, and points of one source partition in their order there. */
export interface PointBatch {
  readonly source: Source
  /** The dictionary of the batch; each series once. */
  readonly series: readonly Series[]
  readonly seriesIndex: readonly number[]
  /** Event time, milliseconds since 1970-01-01T00:00:00Z. */
  readonly times: readonly number[]
  /** Finite numbers; of a set, what stands for a member: 48 bits of a hash, the same for the same member whoever writes it. */
  readonly values: readonly number[]
  /** Points that were aggregated before they came here, beside the columns. */
  readonly histograms: readonly Histogram[]
  /** Of points and histograms that were measured in a trace. */
  readonly exemplars: readonly PointExemplar[]
  /** The columns in fewer bytes, as the normalizer writes them; seriesIndex, times and values are then empty. */
  readonly packed: null | PackedPoints
  /** Whether the raw partition has been read to its end and brings nothing, so that nobody need wait for it; false while there may be more. null when the writer of the batch does not tell: then silence is taken for it. */
  readonly sourceIsIdle: null | boolean
  /** In a batch without points: the latest event that the raw partition has shown, whatever partition its points went to, milliseconds. null when there was none. */
  readonly sourceTime: null | number
}

/** An exemplar of a point or histogram of the same batch. */
export interface PointExemplar {
  /** Into the dictionary of the batch. */
  readonly seriesIndex: number
  /** That of the point: it tells in which windows the exemplar is. */
  readonly time: number
  readonly exemplar: Exemplar
}

/** One part of a record that was refused or parked, or several that are neighbours. */
export interface Rejection {
  /** Which line or element, counted from 0; of several, the first. */
  readonly position: number
  /** How many lines or elements from there on. */
  readonly count: number
  /** Of that line or element, the number that was refused, counted from 0 in the order in which its numbers become points; the others were taken. null for the whole. */
  readonly value: null | number
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

/** What the numbers of a series mean: gauge is a value at a time; counter is cumulative and may reset; delta is what was added since the last point; distribution is one raw sample of many; set is members of which the different ones are counted, each a whole number below 2^48 that stands for it; ratio is a quotient whose two parts are carried, and only windows have it. */
export type SeriesKind = 'gauge' | 'counter' | 'delta' | 'distribution' | 'ratio' | 'set'

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

/** How unusual an incident is at its peak, ascending. */
export type Severity = 'warning' | 'major' | 'critical'

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

/** One operation of a trace, as in OpenTelemetry. */
export interface Span {
  /** 32 lower-case hexadecimal digits; shorter ids of an agent are padded with zeros at the left. */
  readonly traceId: string
  /** 16 lower-case hexadecimal digits. */
  readonly spanId: string
  /** null for the root of a trace. */
  readonly parentSpanId: null | string
  /** What was done, such as GET /users/{id}. */
  readonly name: string
  readonly kind: SpanKind
  /** Who did it; 'unknown' when the agent does not say. */
  readonly service: string
  /** Empty when unknown. */
  readonly host: string
  /** Start, milliseconds since 1970-01-01T00:00:00Z, rounded down. */
  readonly time: number
  /** What the start is later than time: 0 to 999,999 nanoseconds. */
  readonly timeNanos: number
  /** Nanoseconds, not negative. */
  readonly durationNs: number
  readonly status: SpanStatus
  readonly statusMessage: string
  /** The library that made the span; empty when unknown. */
  readonly scope: string
  /** W3C tracestate. */
  readonly traceState: string
  /** Of the span, by dotted names; lists and objects as JSON. */
  readonly attributes: Readonly<Record<string, string>>
  /** Attributes of the process that made the span. */
  readonly resource: Readonly<Record<string, string>>
  readonly events: readonly SpanEvent[]
  readonly links: readonly SpanLink[]
}

/** Spans of one source partition, in their order there. A record holds only traces that hash to its partition. */
export interface SpanBatch {
  readonly source: Source
  readonly spans: readonly Span[]
}

/** Something that happened at one moment of a span. */
export interface SpanEvent {
  /** Milliseconds since 1970-01-01T00:00:00Z, rounded down. */
  readonly time: number
  /** What it is later than time: 0 to 999,999 nanoseconds. */
  readonly timeNanos: number
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

/** The part a span plays between processes, as in OpenTelemetry. */
export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer'

/** Another span that this one is related to, in this trace or another. */
export interface SpanLink {
  /** As in Span. */
  readonly traceId: string
  /** As in Span. */
  readonly spanId: string
  readonly attributes: Readonly<Record<string, string>>
}

/** Whether the operation has failed, as its program says. */
export type SpanStatus = 'unset' | 'ok' | 'error'

/** What the models of a series knew before incidents, for the case that a person says that one of them was real. */
export interface StateBefore {
  /** All windows that start before are in the detector's state, and none after, event time. */
  readonly since: number
  /** An hour after the last of these incidents, as far as it is known; then this is forgotten. */
  readonly until: number
  /** null for nothing. */
  readonly detector: null | Uint8Array
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

/** What was said last of an incident. */
export interface ToldEpisode {
  readonly episode: Episode
  readonly state: AnomalyState
  readonly revision: number
}

/** What the detector remembers of one statistic of one series, as of a record of its partition: the state of its models before the windows that may still be revised, and these windows. */
export interface WatchState {
  readonly series: Series
  /** Of the last record that is in here. */
  readonly offset: number
  /** Whose watermark says whether anything is missing: points/3. */
  readonly source: null | string
  /** Which detector has made the bytes. */
  readonly model: string
  /** Its state before `since`; null for none. */
  readonly detector: null | Uint8Array
  /** All windows that start before are in the detector's state, event time. */
  readonly since: number
  /** Start of the last window before `since`. */
  readonly lastTime: null | number
  readonly lastValue: number
  /** The incident that was open before `since`. */
  readonly open: null | Episode
  /** Starts of the windows from `since` on. */
  readonly times: readonly number[]
  /** Their values; NaN where nothing came. */
  readonly values: readonly number[]
  /** The incidents that windows from `since` on may still change. */
  readonly told: readonly ToldEpisode[]
  /** Of the latest incidents, while they go on and for an hour after. */
  readonly before: null | StateBefore
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
  /** Samples; of a pre-aggregated point, those that it stands for. 0 of a ratio and of a set, and in a revision when all of them were found to belong to other windows. */
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  /** sum / count; of a ratio its value, of a set its different members. */
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
  /** Of a set: how many different members it has; exact up to 2,048, beyond that with a standard error of 0.81 %. */
  readonly distinct: null | number
  /** Of a set: its members, mergeable, in the byte form of services/aggregator/kinds/member-set.ts. */
  readonly members: null | Uint8Array
  /** Of all that came with its points, the one with the highest value; null when none did. */
  readonly exemplar: null | Exemplar
  /** The mergeable quantile sketch, in the byte form of shared/sketch. */
  readonly sketch: Uint8Array
}

/** Windows of series that hash to the record's partition, or a marker that may be about some of these series. */
export interface WindowBatch {
  readonly windows: readonly Window[]
  /** null in records from before. */
  readonly source: null | WindowSource
  /** From the detector to itself, in a record without windows: in this partition the marker is known from here on. */
  readonly marker: null | Marker
}

/** Who has made windows: a partition of a topic that the aggregator reads. */
export interface WindowSource {
  readonly step: WindowStep
  readonly partition: number
  /** Event time up to which all windows of this source have been told that are in this partition, late data aside: a series without one has had no points. null while more is to come. */
  readonly watermark: null | number
}

/** What windows are made of: points, or in the second step the parts of roll-ups and ratios. */
export type WindowStep = 'points' | 'partials'
