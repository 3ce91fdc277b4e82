import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { anyDamaged, anyNested } from '../../../../support/hostile-values.ts'
import { normalize, now } from '../../../../support/normalize.ts'
import { jaegerProtobuf } from '../../../../support/traces.ts'

const fixture = (name: string) => readFileSync(`test/fixtures/jaeger/${name}.json`, 'utf8')
const micros = now * 1_000
const base64 = (digits: string) => Buffer.from(digits, 'hex').toString('base64')
const plain = (value: object) => JSON.parse(JSON.stringify(value)) as object

const traceId = '0000000000000abc0000000000000def'
const spanId = '0000000000000001'
const parentId = '0000000000000002'

/** The same span as Jaeger's API has it … */
const ofApi = {
  traceID: traceId,
  spanID: spanId,
  operationName: 'GET /',
  references: [{ refType: 'CHILD_OF', traceID: traceId, spanID: parentId }],
  startTime: micros + 123,
  duration: 1_500,
  tags: [
    { key: 'span.kind', type: 'string', value: 'server' },
    { key: 'error', type: 'bool', value: true },
    { key: 'peer.ipv4', type: 'string', value: '10.0.0.2' },
    { key: 'peer.port', type: 'int64', value: 5432 },
    { key: 'big', type: 'int64', value: '9223372036854775807' },
    { key: 'half', type: 'float64', value: 0.5 },
    { key: 'blob', type: 'binary', value: 'AAAwOQ==' },
  ],
  logs: [
    {
      timestamp: micros + 1_001,
      fields: [
        { key: 'event', type: 'string', value: 'retry' },
        { key: 'attempt', type: 'int64', value: 2 },
      ],
    },
  ],
  processID: 'p1',
  warnings: ['late'],
}
const process = {
  serviceName: 'shop',
  tags: [
    { key: 'hostname', type: 'string', value: 'node-1' },
    { key: 'ip', type: 'string', value: '10.0.0.1' },
  ],
}
const answer = (...spans: readonly object[]) => ({
  data: [{ traceID: traceId, spans, processes: { p1: process } }],
})

/** … and as its collector writes it. */
const ofModel = {
  traceId: base64(traceId),
  spanId: base64(spanId),
  operationName: 'GET /',
  references: [{ traceId: base64(traceId), spanId: base64(parentId) }],
  flags: 1,
  startTime: new Date(now).toISOString().replace(/\.000Z$/, '.000123Z'),
  duration: '0.001500s',
  tags: [
    { key: 'span.kind', vStr: 'server' },
    { key: 'error', vType: 'BOOL', vBool: true },
    { key: 'peer.ipv4', vStr: '10.0.0.2' },
    { key: 'peer.port', vType: 'INT64', vInt64: '5432' },
    { key: 'big', vType: 'INT64', vInt64: '9223372036854775807' },
    { key: 'half', vType: 'FLOAT64', vFloat64: 0.5 },
    { key: 'blob', vType: 'BINARY', vBinary: 'AAAwOQ==' },
  ],
  logs: [
    {
      timestamp: new Date(now + 1).toISOString().replace(/Z$/, '001Z'),
      fields: [
        { key: 'event', vStr: 'retry' },
        { key: 'attempt', vType: 'INT64', vInt64: 2 },
      ],
    },
  ],
  warnings: ['late'],
  process: {
    serviceName: 'shop',
    tags: [
      { key: 'hostname', vStr: 'node-1' },
      { key: 'ip', vStr: '10.0.0.1' },
    ],
  },
}
const seconds = now / 1_000
const ofProtobuf = {
  ...ofModel,
  startTime: { seconds, nanos: 123_000 },
  duration: { seconds: 0, nanos: 1_500_000 },
  logs: [{ ...ofModel.logs[0]!, timestamp: { seconds, nanos: 1_001_000 } }],
}
const { process: alone, ...unattended } = ofProtobuf

const forms: readonly (readonly [string, string | Buffer])[] = [
  ['the API’s answer', JSON.stringify(answer(ofApi))],
  ['one trace', JSON.stringify(answer(ofApi).data[0])],
  ['a list of spans', JSON.stringify([{ ...ofApi, process }])],
  ['the collector’s JSON', JSON.stringify(ofModel)],
  [
    'a batch in JSON',
    JSON.stringify({ spans: [{ ...ofModel, process: undefined }], process: ofModel.process }),
  ],
  [
    'a trace of the model',
    JSON.stringify({
      spans: [{ ...ofModel, process: undefined, processId: 'a' }],
      processMap: [{ processId: 'a', process: ofModel.process }],
    }),
  ],
  ['the collector’s protobuf', jaegerProtobuf('Span', ofProtobuf)],
  ['a batch', jaegerProtobuf('Batch', { spans: [unattended], process: alone })],
  ['a batch of spans with processes', jaegerProtobuf('Batch', { spans: [ofProtobuf] })],
]

test.each(forms)('A span keeps all that it tells in %s.', (_, bytes) => {
  const { spans, out } = normalize([bytes])
  expect(out.rejected).toEqual([])
  expect(spans.map(plain)).toEqual([
    {
      traceId,
      spanId,
      parentSpanId: parentId,
      name: 'GET /',
      kind: 'server',
      service: 'shop',
      host: 'node-1',
      time: now,
      timeNanos: 123_000,
      durationNs: 1_500_000,
      status: 'error',
      statusMessage: '',
      scope: '',
      traceState: '',
      attributes: {
        'network.peer.address': '10.0.0.2',
        'network.peer.port': '5432',
        big: '9223372036854775807',
        half: '0.5',
        blob: 'AAAwOQ==',
        'jaeger.warnings': '["late"]',
      },
      resource: { 'service.name': 'shop', 'host.name': 'node-1', 'host.ip': '10.0.0.1' },
      events: [{ time: now + 1, timeNanos: 1_000, name: 'retry', attributes: { attempt: '2' } }],
      links: [],
    },
  ])
})

const childOf = (spanID: string, traceID = traceId) => ({ refType: 'CHILD_OF', traceID, spanID })
const follows = (spanID: string, traceID = traceId) => ({ refType: 'FOLLOWS_FROM', traceID, spanID })
const id = (digit: number) => String(digit).padStart(16, '0')
const link = (digit: number, type: string, trace = traceId) => ({
  traceId: trace.padStart(32, '0'),
  spanId: id(digit),
  attributes: { 'opentracing.ref_type': type },
})

test.each([
  ['nothing', [], null, []],
  ['a parent', [childOf('5')], id(5), []],
  ['what it follows', [follows('5')], id(5), [link(5, 'follows_from')]],
  ['what it follows, and a parent', [follows('5'), childOf('6')], id(6), [link(5, 'follows_from')]],
  ['two parents', [childOf('5'), childOf('6')], id(5), [link(6, 'child_of')]],
  ['a parent in another trace', [childOf('5', 'FF')], null, [link(5, 'child_of', 'ff')]],
])('References to %s become parent and links.', (_, references, parentSpanId, links) => {
  const { spans } = normalize([JSON.stringify(answer({ ...ofApi, references }))])
  expect(spans).toMatchObject([{ parentSpanId, links }])
  expect(spans[0]!.links).toHaveLength(links.length)
})

describe('a span', () => {
  const tag = (key: string, value: unknown) => ({ tags: [{ key, value }] })

  it.each([
    ['no tags', { tags: null, logs: null, warnings: null }, { kind: 'unspecified', status: 'unset' }],
    ['no process', { processID: 'p2' }, { service: 'unknown', host: '', resource: {} }],
    ['a process called as what objects have', { processID: 'constructor' }, { service: 'unknown' }],
    ['the parent’s id as it once was', { references: [], parentSpanID: '7' }, { parentSpanId: id(7) }],
    ['no start but logs', { startTime: undefined }, { time: now + 1, timeNanos: 1_000 }],
    ['no start', { startTime: 0, logs: [] }, { time: now, timeNanos: 0 }],
    ['no duration', { duration: undefined }, { durationNs: 0 }],
    ['an error that is false', tag('error', false), { status: 'unset' }],
    ['an error in words', tag('error', 'timeout'), { status: 'error', statusMessage: 'timeout' }],
    ['the status of OpenTelemetry', tag('otel.status_code', 'ERROR'), { status: 'error' }],
    ['an address in a number', tag('peer.ipv4', 23456), { attributes: { 'peer.ipv4': '23456' } }],
    ['a duration of Go’s', { duration: '5000ns' }, { durationNs: 5_000 }],
    [
      'ids in bare digits',
      { traceID: '1', spanID: 'A' },
      { traceId: '1'.padStart(32, '0'), spanId: 'a'.padStart(16, '0') },
    ],
  ])('is taken with %s', (_, change, expected) => {
    const { spans, out } = normalize([JSON.stringify(answer({ ...ofApi, ...change }))])
    expect(out.rejected).toEqual([])
    expect(spans).toMatchObject([expected])
  })

  it.each([
    ['no trace id', { traceID: '' }, 'invalid_id'],
    ['a span id of zeros', { spanID: '0000' }, 'invalid_id'],
    ['a reference to nothing', { references: [{ refType: 'CHILD_OF' }] }, 'invalid_id'],
    ['a date that is none', { startTime: '2023-13-45T00:00:00Z' }, 'invalid_timestamp'],
    ['a word for a time', { startTime: 'now' }, 'unparseable'],
    ['a log without a time', { logs: [{ fields: [] }] }, 'invalid_timestamp'],
    ['a duration of a year', { duration: 31_536_000_000_000 }, 'invalid_timestamp'],
    ['objects in tags', tag('a', {}), 'unparseable'],
    ['a process that is none', { process: 'shop' }, 'unparseable'],
  ])('is refused with %s, and the others are taken', (_, change, reason) => {
    const { spans, out } = normalize([JSON.stringify(answer(ofApi, { ...ofApi, ...change }, ofApi))])
    expect(spans).toHaveLength(2)
    expect(out.rejected).toMatchObject([{ reason, refusals: [{ position: 1, reason }] }])
  })

  it('of year 1, as Go has a time that is not set, is refused', () => {
    const bytes = jaegerProtobuf('Span', { ...ofProtobuf, startTime: { seconds: -62_135_596_800 } })
    expect(normalize([bytes]).out.rejected).toMatchObject([{ reason: 'timestamp_too_old' }])
  })
})

test.each([
  ['otlp2jaeger-out', 2],
  ['trace_success', 2],
  ['ui_01', 5],
])('The spans of %s are read.', (name, count) => {
  const { spans, out } = normalize([fixture(name)], { settings: { maxFutureMs: Number.POSITIVE_INFINITY } })
  expect(out.rejected).toEqual([])
  expect(spans).toHaveLength(count)
})

describe('whatever a stranger sends', () => {
  const settings = { formats: { raw: 'jaeger' } }
  const keys = [
    'traceID',
    'spanId',
    'data',
    'spans',
    'processes',
    'processMap',
    'process',
    'tags',
    'logs',
    'references',
    'startTime',
    'duration',
    'key',
    'vType',
    'vStr',
    'value',
    'fields',
    'seconds',
    'nanos',
    'timestamp',
    '__proto__',
  ]
  const value = anyNested(keys, [null, true, 0, -1, 2, 1e300, micros, 'p1', '1', 'abc=', '\ud800', 'INT64'])

  it('is read or refused', () => {
    fc.assert(
      fc.property(value, (change) => {
        const parts = [
          'tags',
          'logs',
          'references',
          'startTime',
          'duration',
          'process',
          'processID',
          'warnings',
        ]
        const spans = [change, ...parts.map((key) => ({ ...ofApi, [key]: change }))]
        const trace = answer(...(spans as object[]))
        const messages = [change, ...spans, trace, { ...trace.data[0], processes: change }]
        const { spans: taken } = normalize(
          messages.map((message) => JSON.stringify(message)),
          { settings },
        )
        for (const { traceId: id, time, durationNs } of taken) {
          expect(id).toMatch(/^[0-9a-f]{32}$/)
          expect(Number.isSafeInteger(time) && Number.isSafeInteger(durationNs)).toBe(true)
        }
        expect(({} as Record<string, unknown>).value).toBeUndefined()
      }),
    )
  })

  it.each(['Span', 'Batch'] as const)('in the bytes of a %s is read or refused', (name) => {
    const bytes = jaegerProtobuf(name, name === 'Span' ? ofProtobuf : { spans: [unattended], process: alone })
    fc.assert(
      fc.property(anyDamaged(bytes), (broken) => {
        normalize([broken], { settings })
        normalize([broken])
      }),
    )
  })

  it('keeps no more attributes than are allowed', () => {
    const tags = Array.from({ length: 50 }, (_, i) => ({ key: `k${i}`, value: 'v' }))
    const span = {
      ...ofApi,
      tags,
      process: { serviceName: 'shop', tags },
      logs: [{ timestamp: micros, fields: tags }],
    }
    const [taken] = normalize([JSON.stringify(span)], { settings: { maxAttributes: 10 } }).spans
    for (const { length } of [taken!.attributes, taken!.resource, taken!.events[0]!.attributes].map(
      Object.keys,
    ))
      expect(length).toBe(11)
  })
})
