import type { Anomaly, LogRecord } from '../../shared/avro/types.ts'
import type { BulkItem } from '../../shared/elasticsearch/client.ts'

/**
 * A log event in the index of its day, so that the same event always goes to the same index, where its id tells that
 * it is there already.
 */
export function logDocument(prefix: string, log: LogRecord): BulkItem {
  return {
    index: `${prefix}-logs-${dayOf(log.time)}`,
    id: log.id,
    document: {
      '@timestamp': new Date(log.time).toISOString(),
      message: log.message,
      log: { level: log.level },
      service: { name: log.service },
      ...(log.host && { host: { name: log.host } }),
      ...(log.traceId && { trace: { id: log.traceId } }),
      ...(log.spanId && { span: { id: log.spanId } }),
      attributes: log.attributes,
    },
  }
}

/** An anomaly in the index of its month; that of a later revision of the window replaces it. */
export function anomalyDocument(prefix: string, anomaly: Anomaly): BulkItem {
  return {
    index: `${prefix}-anomalies-${dayOf(anomaly.windowStart).slice(0, 7)}`,
    id: anomaly.id,
    version: anomaly.revision,
    document: {
      '@timestamp': new Date(anomaly.windowStart).toISOString(),
      metric: anomaly.series.metric,
      tags: Object.fromEntries(anomaly.series.tags.map(({ key, value }) => [key, value])),
      statistic: anomaly.statistic,
      model: anomaly.model,
      direction: anomaly.direction,
      value: anomaly.value,
      score: anomaly.score,
      expected: anomaly.expected,
      expected_low: anomaly.expectedLow,
      expected_high: anomaly.expectedHigh,
      window: { size_ms: anomaly.windowSizeMs, revision: anomaly.revision },
    },
  }
}

/** `2026.01.31`, in UTC. */
const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10).replaceAll('-', '.')
