/** The services, in the order of the flow; each is started with its own subcommand. */
export const services = [
  {
    name: 'normalizer',
    does: 'raw topics → points, logs and spans',
    load: () => import('../services/normalizer/main.ts'),
  },
  {
    name: 'aggregator',
    does: 'points → windows with percentiles',
    load: () => import('../services/aggregator/main.ts'),
  },
  {
    name: 'detector',
    does: 'windows → anomalies and incidents',
    load: () => import('../services/detector/main.ts'),
  },
  {
    name: 'influx-sink',
    does: 'windows and anomalies → InfluxDB',
    load: () => import('../services/influx-sink/main.ts'),
  },
  {
    name: 'elasticsearch-sink',
    does: 'logs, anomalies and incidents → Elasticsearch',
    load: () => import('../services/elasticsearch-sink/main.ts'),
  },
] as const

export type ServiceName = (typeof services)[number]['name']
