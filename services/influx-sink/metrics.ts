import type { Counter, Histogram, Metrics } from '../../shared/observability/metrics.ts'

export interface InfluxSinkMetrics {
  readonly lines: Counter
  readonly refused: Counter
  readonly seconds: Histogram
}

export function influxSinkMetrics(metrics: Metrics): InfluxSinkMetrics {
  return {
    lines: metrics.counter({ name: 'influx_lines_total', help: 'Lines that InfluxDB has acknowledged.' }),
    refused: metrics.counter({
      name: 'influx_refused_lines_total',
      help: 'Lines that InfluxDB has refused for good.',
    }),
    seconds: metrics.histogram({
      name: 'influx_write_seconds',
      help: 'Time of a write request.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    }),
  }
}
