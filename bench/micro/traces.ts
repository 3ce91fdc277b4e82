/** Our readers of Zipkin and Jaeger, through the normalizer's own task: `node bench/micro/traces.ts`. Times are CPU time of this process. */
import { now } from '../../test/support/normalize.ts'
import { jaegerProtobuf, zipkinProtobuf } from '../../test/support/traces.ts'
import { report } from './measure.ts'
import { normalizing } from './normalizing.ts'

const spans = 1_000
const id = (i: number) => (i + 1).toString(16).padStart(16, '0')
const base64 = (digits: string) => Buffer.from(digits, 'hex').toString('base64')
const list = <T>(make: (i: number) => T) => Array.from({ length: spans }, (_, i) => make(i))

const local = { serviceName: 'checkout', ipv4: '10.0.0.1', port: 8080 }
const remote = { serviceName: 'shop', ipv4: '10.0.0.2', port: 40_001 }
const tagsOf = (i: number) => ({
  'http.method': i % 2 ? 'GET' : 'POST',
  'http.path': `/api/v1/things/${i % 100}`,
  'http.status_code': String(200 + (i % 5)),
  'http.host': 'checkout.example.org',
})

const version2 = list((i) => ({
  traceId: id(i).padStart(32, '0'),
  id: id(i),
  parentId: id(i + 1),
  kind: 'SERVER',
  name: 'get /api/v1/things/{id}',
  timestamp: (now + i) * 1_000,
  duration: 25_000,
  localEndpoint: local,
  remoteEndpoint: remote,
  tags: tagsOf(i),
}))

const version1 = list((i) => ({
  traceId: id(i).padStart(32, '0'),
  id: id(i),
  parentId: id(i + 1),
  name: 'get /api/v1/things/{id}',
  timestamp: (now + i) * 1_000,
  duration: 25_000,
  annotations: ['sr', 'ss'].map((value, end) => ({
    timestamp: (now + i + 25 * end) * 1_000,
    value,
    endpoint: local,
  })),
  binaryAnnotations: [
    { key: 'ca', value: true, endpoint: remote },
    ...Object.entries(tagsOf(i)).map(([key, value]) => ({ key, value, endpoint: local })),
  ],
}))

const tagPairs = (i: number) => Object.entries({ 'span.kind': 'server', ...tagsOf(i) })
const processTags = { hostname: 'node-1', ip: '10.0.0.1', 'jaeger.version': 'Go-2.30.0' }
const ofApi = list((i) => ({
  traceID: id(0).padStart(32, '0'),
  spanID: id(i),
  operationName: 'GET /api/v1/things/{id}',
  references: [{ refType: 'CHILD_OF', traceID: id(0).padStart(32, '0'), spanID: id(i + 1) }],
  startTime: (now + i) * 1_000,
  duration: 25_000,
  tags: tagPairs(i).map(([key, value]) => ({ key, type: 'string', value })),
  logs: [],
  processID: 'p1',
}))
const ofModel = list((i) => ({
  traceId: base64(id(i).padStart(32, '0')),
  spanId: base64(id(i)),
  operationName: 'GET /api/v1/things/{id}',
  references: [{ traceId: base64(id(i).padStart(32, '0')), spanId: base64(id(i + 1)) }],
  tags: tagPairs(i).map(([key, vStr]) => ({ key, vStr })),
  process: {
    serviceName: 'checkout',
    tags: Object.entries(processTags).map(([key, vStr]) => ({ key, vStr })),
  },
}))

const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const timesAt = (i: number) => ({
  startTime: { seconds: Math.floor((now + i) / 1_000), nanos: ((now + i) % 1_000) * 1e6 },
  duration: { seconds: 0, nanos: 25e6 },
})

measure('Zipkin 2, JSON', [json(version2)])
measure('Zipkin 2, protobuf', [zipkinProtobuf(version2)])
measure('Zipkin 1, JSON', [json(version1)])
measure('Jaeger’s API', [
  json({
    data: [
      {
        traceID: id(0).padStart(32, '0'),
        spans: ofApi,
        processes: {
          p1: {
            serviceName: 'checkout',
            tags: Object.entries(processTags).map(([key, value]) => ({ key, type: 'string', value })),
          },
        },
      },
    ],
  }),
])
measure(
  'Jaeger, protobuf, a span a record',
  ofModel.map((span, i) => jaegerProtobuf('Span', { ...span, ...timesAt(i) })),
)
measure(
  'Jaeger, JSON, a span a record',
  ofModel.map((span, i) => json({ ...span, startTime: new Date(now + i).toISOString(), duration: '0.025s' })),
)

/** A thousand spans, in one record or in many. */
function measure(name: string, messages: readonly Buffer[]): void {
  const bytes = messages.reduce((sum, { length }) => sum + length, 0)
  report(
    `reading a span of ${name}, ${Math.round(bytes / spans)} bytes each`,
    spans,
    50,
    normalizing(messages),
  )
}
