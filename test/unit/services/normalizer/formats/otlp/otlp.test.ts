import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Signal } from '../../../../../../services/normalizer/formats/otlp/signals.ts'
import { formats } from '../../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../../services/normalizer/payload.ts'
import { normalize } from '../../../../../support/normalize.ts'
import { example, toProtobuf } from '../../../../../support/otlp.ts'

const examples: readonly (readonly [file: string, signal: Signal])[] = [
  ['metrics.json', 'metrics'],
  ['logs.json', 'logs'],
  ['events.json', 'logs'],
  ['trace.json', 'traces'],
]

const recognizedBy = (bytes: Buffer) =>
  formats.filter((format) => format.recognizes(new Payload(bytes, {}))).map(({ name }) => name)

const snakeCased = (json: string) =>
  json.replace(
    /"(\w+)":/g,
    (_, key: string) => `"${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}":`,
  )

describe.each(examples)('The published example %s', (file, signal) => {
  const json = example(file)
  const protobuf = toProtobuf(signal, JSON.parse(json))

  test('means the same in protobuf and in JSON.', () => {
    const { out, task: _, ...events } = normalize([json])
    const { out: outOfBytes, task: __, ...eventsOfBytes } = normalize([protobuf])
    expect(events).toEqual(eventsOfBytes)
    expect([...out.rejected, ...outOfBytes.rejected]).toEqual([])
    expect(events.points.length + events.logs.length + events.spans.length).toBeGreaterThan(0)
  })

  test('is recognized, and as nothing else.', () => {
    const name = `otlp-${signal}`
    expect([json, snakeCased(json)].map((text) => recognizedBy(Buffer.from(text)))).toEqual([[name], [name]])
    expect(recognizedBy(protobuf)).toEqual([name])
  })

  test('may have names in snake_case, and be one of many lines.', () => {
    const { points, histograms, logs, spans } = normalize([json])
    const line = JSON.stringify(JSON.parse(json))
    const snaked = normalize([snakeCased(json)])
    expect([snaked.points, snaked.histograms, snaked.logs, snaked.spans]).toEqual([
      points,
      histograms,
      logs,
      spans,
    ])
    const lines = normalize([`${line}\n${line}\n`])
    expect([lines.points.length, lines.logs.length, lines.spans.length]).toEqual(
      [points.length, logs.length, spans.length].map((count) => 2 * count),
    )
  })

  test('cut anywhere is refused, or is what comes before the cut.', () => {
    for (let length = 1; length < protobuf.length; length += 7) {
      const { out, points, logs, spans } = normalize([protobuf.subarray(0, length)])
      expect([out.rejected.length, points.length + logs.length + spans.length]).toEqual([1, 0])
    }
  })
})

test.each([
  ['line protocol after a line break', '\ncpu,host=a usage=1 1700000000000000000\n'],
  ['any text', 'GET /index.html HTTP/1.1'],
  ['text after line breaks', '\n\n\n\n\n\n'],
  ['nothing within', Buffer.from([0x0a, 0x00])],
  ['a resource without records', toProtobuf('logs', { resourceLogs: [{ resource: { attributes: [] } }] })],
  ['a span whose ids have other lengths', spanOf({ traceId: 'AAEC', startTimeUnixNano: '1' })],
  ['a span without a start', spanOf({})],
  ['Prometheus remote write', Buffer.from('0a180a0d0a04686f73741205776562303112070801100209090900', 'hex')],
])('%s is not OTLP.', (_, bytes) => {
  expect(recognizedBy(Buffer.from(bytes as string)).filter((name) => name.startsWith('otlp'))).toEqual([])
})

test('Signals are told apart by their first record, whatever its name is as long as.', () => {
  // As a span, the name would be an id of 16 bytes and the description one of 8.
  const metric = {
    name: 'http.server.size',
    description: '8 bytes.',
    gauge: { dataPoints: [{ asInt: '1' }] },
  }
  expect(
    recognizedBy(toProtobuf('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] })),
  ).toEqual(['otlp-metrics'])
  const log = { body: { stringValue: 'only a body' } }
  expect(
    recognizedBy(toProtobuf('logs', { resourceLogs: [{}, { scopeLogs: [{ logRecords: [log] }] }] })),
  ).toEqual(['otlp-logs'])
})

test('A resource whose length looks like a bracket is still protobuf.', () => {
  for (const length of [0x5b, 0x7b]) {
    const log = (text: string) =>
      toProtobuf('logs', {
        resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: text } }] }] }],
      })
    const bytes = log('x'.repeat(length + 2 - log('').length))
    expect(bytes[1]).toBe(length)
    expect(normalize([bytes]).logs.map(({ message }) => message.length)).toEqual([
      length + 2 - log('').length,
    ])
  }
})

test('The format that a topic is configured to have needs no recognition.', () => {
  const settings = { formats: { raw: 'otlp-logs' } }
  expect(normalize([toProtobuf('logs', { resourceLogs: [{}] })], { settings }).out.rejected).toEqual([])
  expect(normalize(['{"resourceSpans": []}'], { settings }).out.rejected).toMatchObject([
    { reason: 'unparseable' },
  ])
})

test('Whatever the values of JSON are, they are read or refused.', () => {
  const names = [
    'resource',
    'scope',
    'attributes',
    'key',
    'value',
    'stringValue',
    'intValue',
    'arrayValue',
    'kvlistValue',
    'values',
    'scopeMetrics',
    'metrics',
    'name',
    'unit',
    'gauge',
    'sum',
    'histogram',
    'summary',
    'dataPoints',
    'asDouble',
    'asInt',
    'timeUnixNano',
    'count',
    'bucketCounts',
    'explicitBounds',
    'flags',
    'scopeLogs',
    'logRecords',
    'body',
    'severityNumber',
    'scopeSpans',
    'spans',
    'traceId',
    'spanId',
    'events',
    'links',
    'status',
    'kind',
    '__proto__',
    'low',
    'number',
  ] as const
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom(
        null,
        true,
        1,
        -1,
        1.5,
        1e300,
        '',
        'x',
        '5',
        'NaN',
        '1700000000000000000',
        '5b8efff798038103d269b633813fc60c',
      ),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('any'), { maxKeys: 6 }),
    ),
  }))
  const records = fc.array(fc.dictionary(fc.constantFrom(...names), any, { maxKeys: 8 }), { maxLength: 3 })
  const message = fc.oneof(
    any.map((resourceMetrics) => ({ resourceMetrics })),
    records.map((metrics) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] })),
    records.map((logRecords) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })),
    records.map((spans) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] })),
  )
  fc.assert(
    fc.property(message, (one) => void normalize([JSON.stringify(one)])),
    { numRuns: 1_000 },
  )
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('Whatever is changed in the bytes, they are read or refused.', () => {
  const samples = examples.map(([file, signal]) => toProtobuf(signal, JSON.parse(example(file))))
  const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 4,
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      changes,
      fc.constantFrom('otlp-metrics', 'otlp-logs', 'otlp-traces'),
      (sample, made, format) => {
        const bytes = Buffer.from(sample)
        for (const [at, byte] of made) bytes[at % bytes.length] = byte
        normalize([bytes], { settings: { formats: { raw: format } } })
      },
    ),
    { numRuns: 1_000 },
  )
})

function spanOf(change: object): Buffer {
  const span = {
    traceId: '5B8EFFF798038103D269B633813FC60C',
    spanId: 'EEE19B7EC3C1B174',
    name: 'x',
    ...change,
  }
  return toProtobuf('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
}
