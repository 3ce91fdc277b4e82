import { createHash } from 'node:crypto'
import type { Anomaly, Incident, LogRecord, Series, Window } from '../../shared/avro/types.ts'
import type { BulkItem } from '../../shared/elasticsearch/client.ts'
import { seriesKey } from '../../shared/series/series.ts'

/**
 * A log event in the index of its day, so that the same event always goes to the same index, where its id tells that
 * it is there already.
 */
export function logDocument(prefix: string, log: LogRecord): BulkItem {
  const time = timeOf(log.time)
  return {
    index: `${prefix}-logs-${dayOf(time)}`,
    id: log.id,
    document: JSON.stringify({
      '@timestamp': time,
      message: log.message,
      log: { level: log.level },
      service: { name: log.service },
      host: log.host ? { name: log.host } : undefined,
      trace: log.traceId ? { id: log.traceId } : undefined,
      span: log.spanId ? { id: log.spanId } : undefined,
      attributes: log.attributes,
    }),
  }
}

/** A window in the index of the day in which it begins; of its revisions the highest stays, in whatever order they come. */
export function windowDocument(prefix: string, window: Window): BulkItem {
  const { series, start, sizeMs, stepMs, revision, increase, numerator, denominator, distinct, exemplar } =
    window
  const time = timeOf(start)
  return {
    index: `${prefix}-windows-${dayOf(time)}`,
    // Series may be longer than the 512 bytes that an id may have.
    id: `${start}-${sizeMs}-${stepMs}-${createHash('sha256').update(seriesKey(series)).digest('base64url')}`,
    version: revision,
    document: JSON.stringify({
      '@timestamp': time,
      metric: series.metric,
      tags: tagsOf(series.tags),
      kind: series.kind,
      unit: series.unit,
      window: { size_ms: sizeMs, step_ms: stepMs },
      count: window.count,
      sum: finite(window.sum),
      min: finite(window.min),
      max: finite(window.max),
      mean: finite(window.mean),
      rate: finite(window.rate),
      p50: finite(window.p50),
      p90: finite(window.p90),
      p95: finite(window.p95),
      p99: finite(window.p99),
      ...(increase !== null && { increase: finite(increase) }),
      ...(numerator !== null && { numerator: finite(numerator) }),
      ...(denominator !== null && { denominator: finite(denominator) }),
      ...(distinct !== null && { distinct }),
      ...(exemplar && {
        exemplar: {
          trace: { id: exemplar.traceId },
          ...(exemplar.spanId && { span: { id: exemplar.spanId } }),
          value: exemplar.value,
          time: timeOf(exemplar.time),
        },
      }),
      revision,
    }),
  }
}

/** An incident in the index of the month in which it began; its latest state replaces those before. */
export function anomalyDocument(prefix: string, anomaly: Anomaly): BulkItem {
  const { series, start, peak, end, deploy } = anomaly
  return {
    index: `${prefix}-anomalies-${dayOf(timeOf(start)).slice(0, 7)}`,
    id: anomaly.id,
    version: anomaly.revision,
    document: JSON.stringify({
      '@timestamp': timeOf(start),
      message: anomaly.message,
      state: anomaly.state,
      severity: anomaly.severity,
      kind: anomaly.kind,
      metric: series.metric,
      tags: tagsOf(series.tags),
      statistic: anomaly.statistic,
      model: anomaly.model,
      direction: anomaly.direction,
      value: finite(anomaly.value),
      score: finite(anomaly.score),
      likelihood: anomaly.likelihood,
      expected: finite(anomaly.expected),
      lower: finite(anomaly.lower),
      upper: finite(anomaly.upper),
      contributions: anomaly.contributions,
      ...(anomaly.limit !== null && { limit: limitOf(anomaly) }),
      ...(deploy && { deploy: { id: deploy.id, at: timeOf(deploy.at), text: deploy.text } }),
      episode: {
        start: timeOf(start),
        peak: timeOf(peak),
        ...(end !== null && { end: timeOf(end) }),
        windows: anomaly.windows,
      },
      window: { start: timeOf(anomaly.windowStart), size_ms: anomaly.windowSizeMs },
      revision: anomaly.revision,
    }),
  }
}

const limitOf = ({ limit, reachesLimitAt, reachesLimitEarliest, reachesLimitLatest }: Anomaly) => ({
  value: limit,
  reached: reachesLimitAt && timeOf(reachesLimitAt),
  earliest: reachesLimitEarliest && timeOf(reachesLimitEarliest),
  latest: reachesLimitLatest && timeOf(reachesLimitLatest),
})

/** An incident of several series in the index of the month in which it began, likewise. */
export function incidentDocument(prefix: string, incident: Incident): BulkItem {
  const { start, end } = incident
  return {
    index: `${prefix}-incidents-${dayOf(timeOf(start)).slice(0, 7)}`,
    id: incident.id,
    version: incident.revision,
    document: JSON.stringify({
      '@timestamp': timeOf(start),
      ...(end !== null && { end: timeOf(end) }),
      message: incident.message,
      state: incident.state,
      severity: incident.severity,
      scope: tagsOf(incident.scope),
      series: incident.series,
      metrics: incident.metrics,
      open_series: incident.openSeries,
      causes: incident.causes,
      members: incident.members.map(({ anomalyId, series, ...member }) => ({
        anomaly: anomalyId,
        metric: series.metric,
        tags: tagsOf(series.tags),
        statistic: member.statistic,
        kind: member.kind,
        severity: member.severity,
        start: timeOf(member.start),
        likelihood: member.likelihood,
        score: finite(member.score),
        is_over: member.isOver,
      })),
      revision: incident.revision,
    }),
  }
}

const tagsOf = (tags: Series['tags']) => Object.fromEntries(tags.map(({ key, value }) => [key, value]))

const timeOf = (time: number) => new Date(time).toISOString()

/** JSON has no infinity, and no NaN. */
const finite = (value: number) => (Number.isFinite(value) ? value : null)

/** `2026.01.31` of a time as text. */
const dayOf = (time: string) => time.slice(0, 10).replaceAll('-', '.')
