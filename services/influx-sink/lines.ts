import type {
  Anomaly,
  Direction,
  Exemplar,
  Expectation,
  Severity,
  Tag,
  Window,
} from '../../shared/avro/types.ts'
import { type FieldValue, lineOf } from '../../shared/influx/line-protocol.ts'

/** Measurement of all anomalies. */
const anomalyMeasurement = 'tidemark_anomalies'

/** What a line says, before it is written as text. */
interface InfluxPoint {
  readonly measurement: string
  readonly tags: readonly Tag[]
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly time: number
}

/**
 * A window as a point: measurement is the metric, tags are the series' and `window`, the length. Two windows of the
 * same series, start and length are the same point, so that a revision overwrites. InfluxDB overwrites field by field,
 * so all windows of a series have the same fields, see `written`.
 */
export function windowPoint(window: Window): InfluxPoint {
  const { series, start, sizeMs, stepMs, count, revision, numerator, distinct, exemplar } = window
  const fields: Record<string, FieldValue> = { count: { integer: count } }
  if (numerator !== null) writeRatio(window, fields)
  else if (distinct !== null) writeSet(distinct, fields)
  else writeSamples(window, fields)
  if (exemplar) writeExemplar(exemplar, fields)
  fields.revision = { integer: revision }
  return {
    measurement: series.metric,
    tags: [...series.tags.map(notReserved), { key: 'window', value: windowName(sizeMs, stepMs) }],
    fields,
    time: start,
  }
}

const figures = ['sum', 'min', 'max', 'mean', 'rate', 'p50', 'p90', 'p95', 'p99'] as const

/** Of a window that a late reading has left without samples: zeros, or those of the revision before would stay. */
function writeSamples(window: Window, fields: Record<string, FieldValue>): void {
  const { series, count } = window
  for (const figure of figures) fields[figure] = count === 0 ? 0 : written(window[figure])
  const increase = window.increase ?? (count === 0 && series.kind === 'counter' ? 0 : null)
  if (increase !== null) fields.increase = count === 0 ? 0 : written(increase)
}

/** Its samples were those of others: there are two parts, and the quotient. */
function writeRatio({ mean, numerator, denominator }: Window, fields: Record<string, FieldValue>): void {
  fields.mean = denominator === 0 ? 0 : written(mean)
  fields.numerator = written(numerator!)
  fields.denominator = written(denominator!)
}

/** It has no samples: its value is the number of its different members. */
function writeSet(distinct: number, fields: Record<string, FieldValue>): void {
  fields.mean = distinct
  fields.distinct = { integer: distinct }
}

/** A window that has one keeps it, or gets a higher one: all of its fields are written, so that those of two never mix. */
function writeExemplar({ traceId, spanId, value, time }: Exemplar, fields: Record<string, FieldValue>): void {
  fields.exemplar_trace_id = traceId
  fields.exemplar_span_id = spanId ?? ''
  fields.exemplar_value = value
  fields.exemplar_time = { integer: time }
}

/** InfluxDB has no infinity: a sum too large for a double is told as the largest there is, one of both infinities as 0. */
const written = (value: number) =>
  Number.isNaN(value) ? 0 : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))

export function windowLine(window: Window): string {
  const { measurement, tags, fields, time } = windowPoint(window)
  return lineOf(measurement, tags, fields, time)
}

/** What was expected of a window, as more fields of its point, so that a chart finds the band beside the values. */
export function expectationLine(expectation: Expectation): string {
  const { series, windowStart, windowSizeMs, statistic } = expectation
  const tags = [...series.tags.map(notReserved), { key: 'window', value: lengthOf(windowSizeMs) }]
  const fields = {
    [`${statistic}_expected`]: written(expectation.expected),
    [`${statistic}_lower`]: written(expectation.lower),
    [`${statistic}_upper`]: written(expectation.upper),
    [`${statistic}_score`]: written(expectation.score),
    [`${statistic}_likelihood`]: expectation.likelihood,
  }
  return lineOf(series.metric, tags, fields, windowStart)
}

/** For charts that colour by number; withdrawn is 0. */
const severityLevel: Readonly<Record<Severity, number>> = { warning: 1, major: 2, critical: 3 }
const directionSign: Readonly<Record<Direction, number>> = { above: 1, none: 0, below: -1 }

/** An incident as a point at its start, which its later states overwrite. */
export function anomalyLine(anomaly: Anomaly): string {
  const { series, windowSizeMs, statistic, model, state, severity, start, end } = anomaly
  const tags = [
    ...series.tags.map(notReserved),
    { key: 'metric', value: series.metric },
    { key: 'model', value: model },
    { key: 'statistic', value: statistic },
    { key: 'window', value: lengthOf(windowSizeMs) },
  ]
  const isReal = state !== 'withdrawn'
  const fields = {
    state,
    kind: anomaly.kind,
    severity,
    severity_level: { integer: isReal ? severityLevel[severity] : 0 },
    direction: { integer: directionSign[anomaly.direction] },
    value: written(anomaly.value),
    score: written(anomaly.score),
    likelihood: anomaly.likelihood,
    expected: written(anomaly.expected),
    lower: written(anomaly.lower),
    upper: written(anomaly.upper),
    peak: { integer: anomaly.peak },
    // Of an open one, the end of its window at hand.
    end: { integer: end ?? anomaly.windowStart + windowSizeMs },
    windows: { integer: anomaly.windows },
    ...limitFields(anomaly),
    deploy: anomaly.deploy?.id ?? '',
    message: anomaly.message,
    id: anomaly.id,
    revision: { integer: anomaly.revision },
  }
  return lineOf(anomalyMeasurement, tags, fields, start)
}

/** InfluxDB overwrites field by field: times that no longer hold are overwritten by 0. */
const limitFields = ({ limit, reachesLimitAt, reachesLimitEarliest, reachesLimitLatest }: Anomaly) => ({
  ...(limit !== null && { limit: written(limit) }),
  reaches_limit_at: { integer: reachesLimitAt ?? 0 },
  reaches_limit_earliest: { integer: reachesLimitEarliest ?? 0 },
  reaches_limit_latest: { integer: reachesLimitLatest ?? 0 },
})

/** `10s`, `1m`, `1h`, or milliseconds when it is no whole number of seconds. */
export function lengthOf(sizeMs: number): string {
  if (sizeMs % 3_600_000 === 0) return `${sizeMs / 3_600_000}h`
  if (sizeMs % 60_000 === 0) return `${sizeMs / 60_000}m`
  return sizeMs % 1_000 === 0 ? `${sizeMs / 1_000}s` : `${sizeMs}ms`
}

/** The length of a window, and of a sliding one the step as well: `5m/1m`. */
const windowName = (sizeMs: number, stepMs: number) =>
  stepMs === 0 || stepMs === sizeMs ? lengthOf(sizeMs) : `${lengthOf(sizeMs)}/${lengthOf(stepMs)}`

/** Tag keys that are ours or InfluxDB's own, with any number of underscores behind them. */
const reserved = /^(window|metric|model|statistic|time|_measurement|_field)_*$/

/** A user's tag of such a name gets one more underscore, so that no two tags become one. */
const notReserved = ({ key, value }: Tag): Tag =>
  reserved.test(key) ? { key: `${key}_`, value } : { key, value }
