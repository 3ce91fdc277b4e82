import { collectd } from './collectd.ts'
import {
  accessLog,
  cri,
  dockerJson,
  ecsJson,
  jsonLogs,
  logfmt,
  syslog3164,
  syslog5424,
  text,
} from './log-lines.ts'
import { metricbeat } from './metricbeat.ts'
import { otlp } from './otlp.ts'
import { dogstatsd, graphite, statsd } from './plain-lines.ts'
import { prometheusText, remoteWrite1, remoteWrite2 } from './prometheus.ts'
import { spans } from './spans.ts'
import { lineProtocol, telegrafJson } from './telegraf.ts'
import type { Telemetry } from './telemetry.ts'

/** What is measured; a test says which formats are missing. */
export const allTelemetry: readonly Telemetry[] = [
  lineProtocol,
  telegrafJson,
  ...otlp,
  remoteWrite1,
  remoteWrite2,
  prometheusText,
  collectd,
  metricbeat,
  statsd,
  dogstatsd,
  graphite,
  ecsJson,
  jsonLogs,
  dockerJson,
  cri,
  syslog5424,
  syslog3164,
  accessLog,
  logfmt,
  text,
  ...spans,
]
