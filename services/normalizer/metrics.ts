import type { Counter, Metrics } from '../../shared/observability/metrics.ts'

export interface NormalizerMetrics {
  readonly messages: Counter<'topic' | 'format'>
  readonly bytes: Counter<'topic' | 'format'>
  readonly points: Counter<'format'>
  readonly logs: Counter<'format'>
  readonly refusedParts: Counter<'format'>
  readonly skippedFields: Counter<'format'>
}

export function normalizerMetrics(metrics: Metrics): NormalizerMetrics {
  const labels = ['topic', 'format'] as const
  return {
    messages: metrics.counter({ name: 'normalizer_messages_total', help: 'Raw records read.', labels }),
    bytes: metrics.counter({ name: 'normalizer_bytes_total', help: 'Bytes of raw records read.', labels }),
    points: metrics.counter({ name: 'normalizer_points_total', help: 'Points made.', labels: ['format'] }),
    logs: metrics.counter({ name: 'normalizer_logs_total', help: 'Log events made.', labels: ['format'] }),
    refusedParts: metrics.counter({
      name: 'normalizer_refused_parts_total',
      help: 'Lines or elements refused inside records.',
      labels: ['format'],
    }),
    skippedFields: metrics.counter({
      name: 'normalizer_skipped_fields_total',
      help: 'Fields of metrics passed over because they are no numbers.',
      labels: ['format'],
    }),
  }
}
