import { typeIn } from '../../services/normalizer/protobuf/message-type.ts'
import { type Host, hexDigits, hostsOf, pick } from './fleet.ts'
import { type Moment, momentMs, type Random, type RawMessage, type Telemetry } from './telemetry.ts'

const hosts = hostsOf(20)
/** Spans of a host in a moment, which a reporter sends together. */
const spansInBatch = 100

/** A span of a web server, before it is put into a form. */
interface ServerSpan {
  readonly traceId: string
  readonly id: string
  readonly parentId: string
  /** Milliseconds. */
  readonly start: number
  readonly durationMs: number
  readonly tags: readonly (readonly [key: string, value: string])[]
}

const statusCodes = ['200', '201', '304', '404', '500'] as const

const spansOf = ({ timeMs }: Moment, random: Random): readonly ServerSpan[] =>
  Array.from({ length: spansInBatch }, (_, i) => ({
    traceId: hexDigits(32, random),
    id: hexDigits(16, random),
    parentId: hexDigits(16, random),
    start: timeMs + (i * momentMs) / spansInBatch,
    durationMs: 1 + Math.floor(random() * 500),
    tags: [
      ['http.method', pick(['GET', 'POST'], random)],
      ['http.path', `/api/v1/things/${Math.floor(random() * 10_000)}`],
      ['http.status_code', pick(statusCodes, random)],
      ['http.host', 'checkout.example.org'],
      ['mvc.controller.class', 'OrderController'],
    ],
  }))

const name = 'get /api/v1/things/{id}'
const localOf = ({ number }: Host) => ({ serviceName: 'checkout', ipv4: `10.0.0.${number}`, port: 8080 })
const remote = { serviceName: 'shop', ipv4: '10.0.1.2', port: 40_001 }

/** A list of a host's spans in a message. */
const zipkinTelemetry = (
  variant: string,
  encode: (host: Host, spans: readonly ServerSpan[]) => string | Buffer,
): Telemetry => ({
  format: 'zipkin',
  variant,
  makes: 'spans',
  *messages(moment, random): Generator<RawMessage> {
    for (const host of hosts)
      yield { key: host.name, value: encode(host, spansOf(moment, random)), things: spansInBatch }
  },
})

const zipkinSpan = (host: Host, { traceId, id, parentId, start, durationMs, tags }: ServerSpan) => ({
  traceId,
  id,
  parentId,
  kind: 'SERVER',
  name,
  timestamp: start * 1_000,
  duration: durationMs * 1_000,
  localEndpoint: localOf(host),
  remoteEndpoint: remote,
  tags: Object.fromEntries(tags),
})

const zipkinList = typeIn('zipkin.proto', 'zipkin.proto3.ListOfSpans')
const hexBytes = (digits: string) => Buffer.from(digits, 'hex')
const bytesOf = ({ ipv4, ...endpoint }: typeof remote) => ({
  ...endpoint,
  ipv4: Buffer.from(ipv4.split('.').map(Number)),
})

const zipkin2Json = zipkinTelemetry('2 JSON', (host, spans) =>
  JSON.stringify(spans.map((span) => zipkinSpan(host, span))),
)

const zipkin2Protobuf = zipkinTelemetry('2 protobuf', (host, spans) => {
  const list = spans.map((span) => ({
    ...zipkinSpan(host, span),
    kind: 2,
    traceId: hexBytes(span.traceId),
    id: hexBytes(span.id),
    parentId: hexBytes(span.parentId),
    localEndpoint: bytesOf(localOf(host)),
    remoteEndpoint: bytesOf(remote),
  }))
  return Buffer.from(zipkinList.encode({ spans: list }).finish())
})

const zipkin1Json = zipkinTelemetry('1 JSON', (host, spans) => {
  const endpoint = localOf(host)
  return JSON.stringify(
    spans.map(({ traceId, id, parentId, start, durationMs, tags }) => ({
      traceId,
      id,
      parentId,
      name,
      timestamp: start * 1_000,
      duration: durationMs * 1_000,
      annotations: [
        { timestamp: start * 1_000, value: 'sr', endpoint },
        { timestamp: (start + durationMs) * 1_000, value: 'ss', endpoint },
      ],
      binaryAnnotations: [
        { key: 'ca', value: true, endpoint: remote },
        ...tags.map(([key, value]) => ({ key, value, endpoint })),
      ],
    })),
  )
})

const jaegerSpan = typeIn('jaeger/api_v2/model.proto', 'jaeger.api_v2.Span')
const processTags = (host: Host) => ({
  hostname: host.name,
  ip: `10.0.0.${host.number}`,
  'jaeger.version': 'Go-2.30.0',
})

/** Jaeger's collector writes a span a message, with its process. */
const jaegerTelemetry = (
  variant: string,
  encode: (host: Host, span: ServerSpan) => string | Buffer,
): Telemetry => ({
  format: 'jaeger',
  variant,
  makes: 'spans',
  *messages(moment, random): Generator<RawMessage> {
    for (const host of hosts)
      for (const span of spansOf(moment, random))
        yield { key: span.traceId, value: encode(host, span), things: 1 }
  },
})

const jaegerBody = (host: Host, { tags }: ServerSpan) => ({
  operationName: 'GET /api/v1/things/{id}',
  tags: [['span.kind', 'server'] as const, ...tags].map(([key, vStr]) => ({ key, vStr })),
  process: {
    serviceName: 'checkout',
    tags: Object.entries(processTags(host)).map(([key, vStr]) => ({ key, vStr })),
  },
})

const base64 = (digits: string) => hexBytes(digits).toString('base64')

const jaegerProtobuf = jaegerTelemetry('protobuf', (host, span) => {
  const { traceId, id, parentId, start, durationMs } = span
  const message = {
    ...jaegerBody(host, span),
    traceId: hexBytes(traceId),
    spanId: hexBytes(id),
    references: [{ traceId: hexBytes(traceId), spanId: hexBytes(parentId) }],
    startTime: { seconds: Math.floor(start / 1_000), nanos: (start % 1_000) * 1e6 },
    duration: { seconds: 0, nanos: durationMs * 1e6 },
  }
  return Buffer.from(jaegerSpan.encode(message).finish())
})

const jaegerJson = jaegerTelemetry('JSON', (host, span) => {
  const { traceId, id, parentId, start, durationMs } = span
  return JSON.stringify({
    ...jaegerBody(host, span),
    traceId: base64(traceId),
    spanId: base64(id),
    references: [{ traceId: base64(traceId), spanId: base64(parentId) }],
    startTime: new Date(start).toISOString(),
    duration: `${durationMs / 1_000}s`,
  })
})

export const spans: readonly Telemetry[] = [
  zipkin2Json,
  zipkin2Protobuf,
  zipkin1Json,
  jaegerProtobuf,
  jaegerJson,
]
