import type { Format } from '../format.ts'
import { collectd } from './collectd.ts'
import { ecsJson } from './ecs-json.ts'
import { graphite } from './graphite.ts'
import { influx } from './influx.ts'
import { metricbeat } from './metricbeat.ts'
import { otlpLogs, otlpMetrics, otlpTraces } from './otlp/formats.ts'
import { prometheusRemoteWrite } from './prometheus-remote-write.ts'
import { prometheusText } from './prometheus-text.ts'
import { dogstatsd, statsd } from './statsd.ts'
import { telegrafJson } from './telegraf-json.ts'

/** All formats, in the order in which unknown bytes are tried. */
export const formats: readonly Format[] = [
  otlpMetrics,
  otlpLogs,
  otlpTraces,
  prometheusRemoteWrite,
  telegrafJson,
  collectd,
  metricbeat,
  ecsJson,
  prometheusText,
  dogstatsd,
  statsd,
  graphite,
  influx,
]
