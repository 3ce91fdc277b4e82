import type { Format } from '../format.ts'
import { accessLog } from './access-log.ts'
import { collectd } from './collectd.ts'
import { cri } from './cri.ts'
import { dockerJson } from './docker-json.ts'
import { ecsJson } from './ecs-json.ts'
import { graphite } from './graphite.ts'
import { influx } from './influx.ts'
import { jaeger } from './jaeger.ts'
import { jsonLogs } from './json-logs.ts'
import { logfmt } from './logfmt.ts'
import { metricbeat } from './metricbeat.ts'
import { otlpLogs, otlpMetrics, otlpTraces } from './otlp/formats.ts'
import { prometheusRemoteWrite } from './prometheus-remote-write.ts'
import { prometheusText } from './prometheus-text.ts'
import { dogstatsd, statsd } from './statsd.ts'
import { syslog } from './syslog.ts'
import { telegrafJson } from './telegraf-json.ts'
import { text } from './text.ts'
import { zipkin } from './zipkin.ts'

/** All formats, in the order in which unknown bytes are tried. */
export const formats: readonly Format[] = [
  otlpMetrics,
  otlpLogs,
  otlpTraces,
  zipkin,
  jaeger,
  prometheusRemoteWrite,
  telegrafJson,
  collectd,
  metricbeat,
  dockerJson,
  jsonLogs,
  ecsJson,
  prometheusText,
  dogstatsd,
  statsd,
  graphite,
  cri,
  syslog,
  accessLog,
  logfmt,
  influx,
  text,
]
