import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Signal } from '../../services/normalizer/formats/otlp/signals.ts'
import { versions } from '../../stack/agents/versions.ts'

/** What a format's own authors, or those who write it most, hold for right. */
interface Examples {
  /** Whose they are, as a person calls it. */
  readonly source: string
  /** Each is read alone. */
  readonly inputs: readonly Buffer[]
  /** How many are to pass, where some are wrong or have nothing to tell: tests of the formats name those. All by default. */
  readonly passing?: number
}

/** A format as docs/conformance.md lists it. */
export interface Row {
  /** Of the registry. */
  readonly format: string
  /** The specification, or what stands for one. */
  readonly specification: string
  readonly covered: string
  /** Empty when nothing is known to be missing. */
  readonly missing: string
  readonly examples?: Examples
  /** The agent whose real output has been read, and its version; undefined: not yet. */
  readonly agent?: string
}

const folder = join(import.meta.dirname, '../fixtures')
const file = (path: string) => readFileSync(join(folder, path))

/** All of a folder whose names end, and begin, so. */
const files = (path: string, ending: string, beginning = '') =>
  readdirSync(join(folder, path))
    .filter((name) => name.endsWith(ending) && name.startsWith(beginning))
    .map((name) => file(join(path, name)))

const lines = (path: string) =>
  file(path)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line))

const elements = (path: string) =>
  (JSON.parse(file(path).toString('utf8')) as readonly unknown[]).map((one) =>
    Buffer.from(JSON.stringify(one)),
  )

/** What Fluent Bit's table of tests holds, but for what Fluent Bit itself must refuse. */
const fluentBit = (signal: Signal) =>
  Object.values(
    JSON.parse(file(`otlp/fluent-bit-${signal}.json`).toString('utf8')) as Readonly<
      Record<string, { readonly input: unknown; readonly expected_error?: unknown }>
    >,
  )
    .filter(({ expected_error }) => expected_error === undefined)
    .map(({ input }) => Buffer.from(JSON.stringify(input)))

const collector = `OpenTelemetry Collector ${versions.collector}, fed by OpenTelemetry’s SDK for Node`

const protobufAndJson = 'protobuf and JSON, camelCase or snake_case'
const otlpExamples = 'opentelemetry-proto, examples/, and tests of Fluent Bit'
const telegrafStatsd = {
  source: 'tests of Telegraf’s statsd plugin, wrong lines among them',
  inputs: lines('statsd/telegraf-lines.txt'),
}

/** One row a format; a test says which are missing. */
export const rows: readonly Row[] = [
  {
    format: 'otlp-metrics',
    specification: 'OTLP 1, MetricsData',
    covered: `${protobufAndJson}; gauges, sums, histograms, exponential histograms, summaries; of a point's exemplars one`,
    missing: 'descriptions, start times',
    examples: {
      source: `${otlpExamples}, wrong ones among them`,
      inputs: [file('otlp/metrics.json'), ...fluentBit('metrics')],
      passing: 15,
    },
    agent: collector,
  },
  {
    format: 'otlp-logs',
    specification: 'OTLP 1, LogsData',
    covered: `${protobufAndJson}; bodies and attributes of all types, event names`,
    missing: '',
    examples: {
      source: `${otlpExamples}, empty ones among them`,
      inputs: [file('otlp/logs.json'), file('otlp/events.json'), ...fluentBit('logs')],
      passing: 27,
    },
    agent: collector,
  },
  {
    format: 'otlp-traces',
    specification: 'OTLP 1, TracesData',
    covered: `${protobufAndJson}; events, links, status, trace state`,
    missing: 'spans longer than 104 days',
    examples: {
      source: `${otlpExamples} and Jaeger`,
      inputs: [file('otlp/trace.json'), ...fluentBit('traces'), ...files('otlp', '.json', 'jaeger-')],
    },
    agent: collector,
  },
  {
    format: 'zipkin',
    specification: 'Zipkin API 2 and 1, zipkin.proto ListOfSpans',
    covered: 'JSON and protobuf of version 2, JSON of version 1; shared spans, annotations, endpoints',
    missing: 'Thrift',
    examples: {
      source: 'openzipkin/zipkin, zipkin-lens/testdata; of version 1, traces that Train Ticket publishes',
      inputs: files('zipkin', '.json'),
    },
    agent: `the exporter of ${collector}`,
  },
  {
    format: 'jaeger',
    specification: 'Jaeger API, jaeger.api_v2 Span and Batch',
    covered: 'JSON of the API; protobuf, and its JSON; references, logs, process tags',
    missing: 'Thrift, the form in Elasticsearch with tag objects',
    examples: { source: 'jaegertracing/jaeger, fixtures', inputs: files('jaeger', '.json') },
    agent: `the exporter of ${collector}`,
  },
  {
    format: 'prometheus-remote-write',
    specification: 'Prometheus remote write 1 and 2',
    covered: 'samples, metadata, native histograms, those with custom bounds too; snappy or plain',
    missing: 'exemplars, start times, histograms that count in fractions',
  },
  {
    format: 'telegraf-json',
    specification: 'Telegraf’s JSON output',
    covered: 'single and batch form, all units of time',
    missing: 'what json_transformation makes of it',
    examples: { source: 'Telegraf’s tests and documentation of it', inputs: files('telegraf-json', '.json') },
    agent: `Telegraf ${versions.telegraf}`,
  },
  {
    format: 'collectd',
    specification: 'collectd’s JSON (write_kafka, write_http)',
    covered: 'all types of data sources',
    missing: 'rates (StoreRates true), notifications',
    examples: {
      source: 'a capture of collectd 5.12.0 over HTTP (write_http)',
      inputs: [file('collectd/write-http.json')],
    },
  },
  {
    format: 'metricbeat',
    specification: 'Metricbeat’s events',
    covered: 'numbers and booleans of all modules; which of them count up, of the most used modules',
    missing: 'texts such as versions and states',
    examples: {
      source: 'elastic/beats, metricbeat/module/*/_meta/data.json',
      inputs: files('metricbeat', '.json'),
    },
  },
  {
    format: 'docker-json',
    specification: 'Docker’s json-file driver',
    covered: 'lines cut by Docker, fields that Fluent Bit adds',
    missing: '',
  },
  {
    format: 'json-logs',
    specification: 'none: what loggers write by default',
    covered: 'pino, bunyan, winston, zap, logback (logstash-encoder), log4j2, Logstash',
    missing: '',
  },
  {
    format: 'ecs-json',
    specification: 'Elastic Common Schema',
    covered: 'nested and dotted names; all fields as attributes',
    missing: '',
    examples: {
      source: 'elastic/beats, filebeat/module/nginx/access/test',
      inputs: elements('ecs-json/filebeat-nginx-access.json'),
    },
    agent: `Filebeat ${versions.filebeat}`,
  },
  {
    format: 'prometheus-text',
    specification: 'Prometheus text 0.0.4, OpenMetrics 1, the draft of 2.0',
    covered: 'all types, names in quotes, composite values, native histograms',
    missing: 'start times, `_created`',
    examples: {
      source: 'files from the tests of node_exporter, Telegraf and Fluent Bit',
      inputs: [...files('prometheus-text', '.prom'), ...files('prometheus-text', '.openmetrics')],
    },
  },
  {
    format: 'dogstatsd',
    specification: 'DogStatsD 1.3',
    covered:
      'counts, gauges, timers, histograms, distributions, sets, events, service checks, container ids, timestamps',
    missing: '',
    examples: { ...telegrafStatsd, passing: 161 },
  },
  {
    format: 'statsd',
    specification: 'StatsD’s docs/metric_types.md',
    covered: 'counts, gauges, timers, sets, sample rates; tags of DogStatsD and InfluxDB',
    missing: 'gauges that say how much they changed',
    examples: { ...telegrafStatsd, passing: 155 },
  },
  {
    format: 'graphite',
    specification: 'Graphite’s plaintext protocol',
    covered: 'paths, tags, timestamps and their absence',
    missing: 'pickle, templates',
  },
  {
    format: 'cri',
    specification: 'Kubernetes CRI logging',
    covered: 'both streams, lines in pieces',
    missing: '',
  },
  {
    format: 'syslog',
    specification: 'RFC 5424, RFC 3164, the framing of RFC 6587',
    covered: 'all fields, structured data, octet counting, local files without a priority',
    missing: '',
    examples: { source: 'tests of influxdata/go-syslog', inputs: lines('syslog/rfc5424-valid.txt') },
    agent: `rsyslog ${versions.rsyslog} and syslog-ng ${versions.syslogNg}, of Debian 12`,
  },
  {
    format: 'access-log',
    specification: 'Common and Combined Log Format',
    covered: 'nginx and Apache httpd, with a virtual host, a forwarded address, a duration',
    missing: 'formats of one’s own (`log_format`)',
    examples: {
      source: 'elastic/beats, filebeat/module/{apache,nginx}/access/test',
      inputs: [...lines('access-log/apache.log'), ...lines('access-log/nginx.log')],
    },
  },
  {
    format: 'logfmt',
    specification: 'none: what go-kit, logrus and others write',
    covered: 'quotes and escapes, keys without a value',
    missing: '',
    agent: `kcat ${versions.kcat}, of Debian 12, which sends any line`,
  },
  {
    format: 'influx',
    specification: 'InfluxDB line protocol 2',
    covered: 'all types and escapes, comments, line breaks in strings, six precisions',
    missing: 'integers beyond 2^53 exactly, the values of strings',
    examples: {
      source: 'lines in the tests of Telegraf’s plugins; the others hold strings alone',
      inputs: lines('influx/telegraf-lines.influx'),
      passing: 1_270,
    },
    agent: `Telegraf ${versions.telegraf}`,
  },
  {
    format: 'text',
    specification: 'none: any text',
    covered: 'times and levels at the beginning of a line, stack traces of Java, Node, Python and Go',
    missing: '',
    examples: {
      source: 'lines of Kafka’s logs, from elastic/examples',
      inputs: [...lines('text/kafka-controller.log'), ...lines('text/kafka-server.log')],
    },
  },
]
