import { type Signal, signals } from '../../services/normalizer/formats/otlp/signals.ts'
import { typeIn } from '../../services/normalizer/protobuf/message-type.ts'
import { hexDigits, hostsOf, percent, pick } from './fleet.ts'
import { logText } from './log-text.ts'
import {
  type Moment,
  momentMs,
  type Random,
  type RawMessage,
  type Telemetry,
  type Things,
} from './telemetry.ts'

const services = hostsOf(20)
const metricsOfService = 10
const seriesOfMetric = 50
/** Log records or spans of a service in a moment: a batch of the Collector. */
const recordsInBatch = 100

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue: string } | { readonly intValue: string }
}

const attribute = (key: string, value: string | number): Attribute => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
})

/** As the Java SDK and the Collector's Kubernetes processor describe a process. */
const resourceOf = (name: string, region: string) => ({
  attributes: [
    attribute('service.name', 'checkout'),
    attribute('service.instance.id', `f3b0c1d2-7a4e-4e0c-9d61-${name.slice(-6)}8f0b5d`),
    attribute('host.name', name),
    attribute('cloud.region', region),
    attribute('k8s.namespace.name', 'shop'),
    attribute('k8s.pod.name', `checkout-5d4f7c9b8-${name.slice(-6)}`),
    attribute('telemetry.sdk.language', 'java'),
    attribute('telemetry.sdk.version', '1.42.0'),
  ],
})
const scope = { name: 'io.opentelemetry.tomcat-10.0', version: '2.8.0-alpha' }

const methods = ['GET', 'POST', 'PUT'] as const
const statusCodes = [200, 201, 301, 404, 500] as const
const attributesOf = (i: number) => [
  attribute('http.request.method', methods[i % methods.length]!),
  attribute('http.route', `/api/v1/things/${i % 50}`),
  attribute('http.response.status_code', statusCodes[i % statusCodes.length]!),
  attribute('server.address', 'checkout.example.org'),
]

const nanosOf = (timeMs: number) => `${timeMs}000000`

/** The bytes of an id: hexadecimal digits in JSON, the bytes themselves in protobuf. */
type Id = (digits: string) => string | Buffer
type MakeRecords = (moment: Moment, random: Random, id: Id) => readonly object[]

/** Cumulative sums and gauges of doubles, 500 data points of a service in ten metrics. */
const metricRecords: MakeRecords = ({ timeMs }, random) =>
  Array.from({ length: metricsOfService }, (_, number) => {
    const dataPoints = Array.from({ length: seriesOfMetric }, (_, i) => ({
      attributes: attributesOf(i),
      startTimeUnixNano: nanosOf(timeMs - 3_600_000),
      timeUnixNano: nanosOf(timeMs),
      asDouble: percent(random) + (number % 2 ? 0 : timeMs / 1_000),
    }))
    return {
      name: `http.server.metric_${number}`,
      description: 'What the metric says, in a sentence of usual length.',
      unit: number % 2 ? 'By' : 'ms',
      ...(number % 2
        ? { gauge: { dataPoints } }
        : { sum: { aggregationTemporality: 2, isMonotonic: true, dataPoints } }),
    }
  })

const logRecords: MakeRecords = ({ timeMs }, random, id) =>
  Array.from({ length: recordsInBatch }, (_, i) => {
    const time = nanosOf(timeMs + (i * momentMs) / recordsInBatch)
    return {
      timeUnixNano: time,
      observedTimeUnixNano: time,
      severityNumber: 9,
      severityText: 'INFO',
      body: { stringValue: logText(random) },
      attributes: [
        attribute('thread.name', `http-nio-8080-exec-${i % 10}`),
        attribute('code.namespace', 'com.shop.checkout.OrderService'),
        ...attributesOf(i).slice(0, 2),
      ],
      traceId: id(hexDigits(32, random)),
      spanId: id(hexDigits(16, random)),
    }
  })

const spanRecords: MakeRecords = ({ timeMs }, random, id) =>
  Array.from({ length: recordsInBatch }, (_, i) => {
    const start = timeMs + (i * momentMs) / recordsInBatch
    return {
      traceId: id(hexDigits(32, random)),
      spanId: id(hexDigits(16, random)),
      parentSpanId: id(hexDigits(16, random)),
      name: 'GET /api/v1/things/{id}',
      kind: 2,
      startTimeUnixNano: nanosOf(start),
      endTimeUnixNano: nanosOf(start + Math.floor(random() * 500)),
      attributes: [
        ...attributesOf(i),
        attribute('url.path', `/api/v1/things/${i}`),
        attribute('url.scheme', 'https'),
        attribute('client.address', `203.0.113.${Math.floor(random() * 256)}`),
        attribute('user_agent.original', pick(['okhttp/4.12.0', 'curl/8.5.0'], random)),
        attribute('thread.id', 30 + (i % 10)),
      ],
      status: { code: i % 20 ? 0 : 2 },
    }
  })

const kinds = {
  metrics: { makes: 'points', things: metricsOfService * seriesOfMetric, records: metricRecords },
  logs: { makes: 'logs', things: recordsInBatch, records: logRecords },
  traces: { makes: 'spans', things: recordsInBatch, records: spanRecords },
} as const satisfies Record<Signal, { makes: Things; things: number; records: MakeRecords }>

/** The OpenTelemetry Collector's Kafka exporter: a batch of one resource in a message. */
function telemetryOf(signal: Signal, variant: 'protobuf' | 'JSON'): Telemetry {
  const { definition, message, levels } = signals[signal]
  const { makes, things, records } = kinds[signal]
  const type = typeIn(definition, message)
  const id: Id = variant === 'JSON' ? (digits) => digits : (digits) => Buffer.from(digits, 'hex')
  const encode = (json: object) =>
    variant === 'JSON' ? JSON.stringify(json) : Buffer.from(type.encode(json).finish())
  return {
    format: `otlp-${signal}`,
    variant,
    makes,
    *messages(moment, random): Generator<RawMessage> {
      for (const { name, region } of services) {
        const group = { scope, [levels.records]: records(moment, random, id) }
        const value = encode({
          [levels.resources]: [{ resource: resourceOf(name, region), [levels.scopes]: [group] }],
        })
        yield { key: name, value, things }
      }
    },
  }
}

export const otlp: readonly Telemetry[] = (['metrics', 'logs', 'traces'] as const).flatMap((signal) => [
  telemetryOf(signal, 'protobuf'),
  telemetryOf(signal, 'JSON'),
])
