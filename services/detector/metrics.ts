import type { Counter, Gauge, Metrics } from '../../shared/observability/metrics.ts'

export interface DetectorMetrics {
  readonly windows: Counter
  readonly anomalies: Counter<'model' | 'statistic'>
  readonly series: Gauge<'topic' | 'partition'>
}

export function detectorMetrics(metrics: Metrics): DetectorMetrics {
  return {
    windows: metrics.counter({ name: 'detector_windows_total', help: 'Windows read.' }),
    anomalies: metrics.counter({
      name: 'detector_anomalies_total',
      help: 'Anomalies found.',
      labels: ['model', 'statistic'],
    }),
    series: metrics.gauge({
      name: 'detector_series',
      help: 'Series that are watched.',
      labels: ['topic', 'partition'],
    }),
  }
}
