import type { Counter, Gauge, Metrics } from '../../shared/observability/metrics.ts'

export interface AggregatorMetrics {
  readonly points: Counter
  readonly windows: Counter
  readonly revisions: Counter
  readonly late: Counter
  readonly idleCloses: Counter
  readonly openPanes: Gauge<'topic' | 'partition'>
  readonly series: Gauge<'topic' | 'partition'>
  readonly watermarkDelay: Gauge<'topic' | 'partition'>
}

const place = ['topic', 'partition'] as const

export function aggregatorMetrics(metrics: Metrics): AggregatorMetrics {
  return {
    points: metrics.counter({ name: 'aggregator_points_total', help: 'Points read, late ones among them.' }),
    windows: metrics.counter({
      name: 'aggregator_windows_total',
      help: 'Windows emitted, revisions among them.',
    }),
    revisions: metrics.counter({
      name: 'aggregator_revisions_total',
      help: 'Windows emitted again because of late points.',
    }),
    late: metrics.counter({
      name: 'aggregator_late_points_total',
      help: 'Points too late for any revision, sent to the late topic.',
    }),
    idleCloses: metrics.counter({
      name: 'aggregator_idle_closes_total',
      help: 'Times that a quiet partition had its open windows closed.',
    }),
    openPanes: metrics.gauge({
      name: 'aggregator_open_panes',
      help: 'Window starts that still take points.',
      labels: place,
    }),
    series: metrics.gauge({
      name: 'aggregator_series',
      help: 'Series with windows that still take points.',
      labels: place,
    }),
    watermarkDelay: metrics.gauge({
      name: 'aggregator_watermark_delay_seconds',
      help: 'Wall time less watermark.',
      labels: place,
    }),
  }
}
