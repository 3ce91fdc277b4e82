import type { Levels } from './message.ts'

export type Signal = 'metrics' | 'logs' | 'traces'

/** Where a signal's messages are defined, and how their levels are called. */
interface SignalDefinition {
  readonly levels: Levels
  /** A path in `protobuf/`. */
  readonly definition: string
  readonly message: string
  /** The full name of the innermost message. */
  readonly record: string
  /** Fields that cost time and that nothing is made of. */
  readonly unread: readonly string[]
}

export const signals: Readonly<Record<Signal, SignalDefinition>> = {
  metrics: {
    levels: { resources: 'resourceMetrics', scopes: 'scopeMetrics', records: 'metrics' },
    definition: 'opentelemetry/proto/metrics/v1/metrics.proto',
    message: 'opentelemetry.proto.metrics.v1.MetricsData',
    record: 'opentelemetry.proto.metrics.v1.Metric',
    unread: [
      'Metric.description',
      'Metric.metadata',
      'NumberDataPoint.startTimeUnixNano',
      'HistogramDataPoint.startTimeUnixNano',
      'ExponentialHistogramDataPoint.startTimeUnixNano',
      'SummaryDataPoint.startTimeUnixNano',
      'Exemplar.filteredAttributes',
    ].map((field) => `opentelemetry.proto.metrics.v1.${field}`),
  },
  logs: {
    levels: { resources: 'resourceLogs', scopes: 'scopeLogs', records: 'logRecords' },
    definition: 'opentelemetry/proto/logs/v1/logs.proto',
    message: 'opentelemetry.proto.logs.v1.LogsData',
    record: 'opentelemetry.proto.logs.v1.LogRecord',
    unread: [],
  },
  traces: {
    levels: { resources: 'resourceSpans', scopes: 'scopeSpans', records: 'spans' },
    definition: 'opentelemetry/proto/trace/v1/trace.proto',
    message: 'opentelemetry.proto.trace.v1.TracesData',
    record: 'opentelemetry.proto.trace.v1.Span',
    unread: [],
  },
}
