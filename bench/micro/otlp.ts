/** Our readers of OTLP, through the normalizer's own task: `node bench/micro/otlp.ts`. Times are CPU time of this process. */
import type { Signal } from '../../services/normalizer/formats/otlp/signals.ts'
import { toProtobuf } from '../../test/support/otlp.ts'
import { report } from './measure.ts'
import { normalizing } from './normalizing.ts'

const nanosAt = (i: number) => `${1_700_000_000_000 + i}000000`
const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
})

const resource = {
  attributes: [
    attribute('service.name', 'checkout'),
    attribute('service.instance.id', 'f3b0c1d2-7a4e-4e0c-9d61-2f8f0b5d9a10'),
    attribute('host.name', 'node-1'),
    attribute('k8s.pod.name', 'checkout-5d4f7c9b8-x2x7k'),
    attribute('telemetry.sdk.language', 'java'),
  ],
}
const scope = { name: 'io.opentelemetry.http', version: '2.1.0' }

/** As HTTP servers tell of themselves: ten metrics of a hundred series each. */
const attributesOf = (i: number) => [
  attribute('http.request.method', i % 2 ? 'GET' : 'POST'),
  attribute('http.route', `/api/v1/things/${i}`),
  attribute('http.response.status_code', 200 + (i % 5)),
  attribute('server.address', 'checkout.example.org'),
]
const metric = (number: number, data: (i: number) => object, kind: string) => ({
  name: `http.server.metric_${number}`,
  description: 'What the metric says, in a sentence of usual length.',
  unit: 'ms',
  [kind]: {
    aggregationTemporality: 2,
    isMonotonic: true,
    dataPoints: Array.from({ length: 100 }, (_, i) => ({
      attributes: attributesOf(i),
      startTimeUnixNano: nanosAt(0),
      timeUnixNano: nanosAt(i),
      ...data(i),
    })),
  },
})
const metrics = (kind: string, data: (i: number) => object) => ({
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        { scope, metrics: Array.from({ length: 10 }, (_, number) => metric(number, data, kind)) },
      ],
    },
  ],
})

const numbers = metrics('sum', (i) => ({ asDouble: 1000.5 + i }))
const histograms = metrics('histogram', (i) => ({
  count: String(100 + i),
  sum: 1234.5,
  explicitBounds: [5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000],
  bucketCounts: Array.from({ length: 15 }, (_, bucket) => String(bucket === 3 ? 86 + i : 1)),
}))
const logs = {
  resourceLogs: [
    {
      resource,
      scopeLogs: [
        {
          scope,
          logRecords: Array.from({ length: 1_000 }, (_, i) => ({
            timeUnixNano: nanosAt(i),
            observedTimeUnixNano: nanosAt(i),
            severityNumber: 9,
            severityText: 'INFO',
            body: { stringValue: `Order ${i} was paid with a card of the usual kind` },
            attributes: attributesOf(i),
            traceId: (i + 1).toString(16).padStart(32, '0'),
            spanId: (i + 1).toString(16).padStart(16, '0'),
          })),
        },
      ],
    },
  ],
}
const traces = {
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          scope,
          spans: Array.from({ length: 1_000 }, (_, i) => ({
            traceId: (i + 1).toString(16).padStart(32, '0'),
            spanId: (i + 1).toString(16).padStart(16, '0'),
            parentSpanId: (i + 2).toString(16).padStart(16, '0'),
            name: 'GET /api/v1/things/{id}',
            kind: 2,
            startTimeUnixNano: nanosAt(i),
            endTimeUnixNano: nanosAt(i + 25),
            attributes: attributesOf(i),
            status: { code: 1 },
          })),
        },
      ],
    },
  ],
}

function measure(name: string, signal: Signal, message: object): void {
  for (const [encoding, bytes] of [
    ['protobuf', toProtobuf(signal, message)],
    ['JSON', Buffer.from(JSON.stringify(message))],
  ] as const) {
    report(
      `reading ${name} of OTLP in ${encoding}, 1,000 in a message of ${Math.round(bytes.length / 1_000)} kB`,
      1_000,
      100,
      normalizing([bytes]),
    )
  }
}

measure('a point', 'metrics', numbers)
measure('a histogram', 'metrics', histograms)
measure('a log record', 'logs', logs)
measure('a span', 'traces', traces)
