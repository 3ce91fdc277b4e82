import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { anyDamaged, anyNested } from '../../../../support/hostile-values.ts'
import { normalize, now } from '../../../../support/normalize.ts'
import { zipkinProtobuf } from '../../../../support/traces.ts'

const fixture = (name: string) => readFileSync(`test/fixtures/zipkin/${name}.json`, 'utf8')
const micros = now * 1_000

const span = { traceId: 'ABC', id: '1', name: 'get /', timestamp: micros + 123, duration: 1_500 }
const read = (...spans: readonly object[]) => normalize([JSON.stringify(spans)])
const one = (change: object) => read({ ...span, ...change }).spans[0]!
const plain = (value: object) => JSON.parse(JSON.stringify(value)) as object

describe('a span of version 2', () => {
  it('keeps all that it tells', () => {
    const all = {
      ...span,
      parentId: '2',
      kind: 'CLIENT',
      localEndpoint: { serviceName: 'shop', ipv4: '10.0.0.1', port: 80 },
      remoteEndpoint: { serviceName: 'db', ipv6: '2001:db8::1', port: 5432 },
      annotations: [{ timestamp: micros + 1_001, value: 'ws' }],
      tags: { 'http.method': 'GET', error: 'timeout', 'otel.scope.name': 'library' },
      debug: true,
    }
    expect(plain(one(all))).toEqual({
      traceId: '00000000000000000000000000000abc',
      spanId: '0000000000000001',
      parentSpanId: '0000000000000002',
      name: 'get /',
      kind: 'client',
      service: 'shop',
      host: '10.0.0.1',
      time: now,
      timeNanos: 123_000,
      durationNs: 1_500_000,
      status: 'error',
      statusMessage: 'timeout',
      scope: 'library',
      traceState: '',
      attributes: {
        'network.local.address': '10.0.0.1',
        'network.local.port': '80',
        'peer.service': 'db',
        'network.peer.address': '2001:db8::1',
        'network.peer.port': '5432',
        'http.method': 'GET',
      },
      resource: { 'service.name': 'shop' },
      events: [{ time: now + 1, timeNanos: 1_000, name: 'ws', attributes: {} }],
      links: [],
    })
  })

  it.each([
    [
      'no kind, which is within a process',
      {},
      { kind: 'internal', service: 'unknown', host: '', resource: {} },
    ],
    ['no kind and the id of its client', { shared: true }, { kind: 'server' }],
    ['a kind that nobody knows', { kind: 'ROBOT' }, { kind: 'internal' }],
    ['a kind in a tag', { tags: { 'span.kind': 'consumer' } }, { kind: 'consumer', attributes: {} }],
    ['no duration', { duration: undefined }, { durationNs: 0 }],
    ['a negative duration', { duration: -5 }, { durationNs: 0 }],
    ['no time', { timestamp: undefined }, { time: now, timeNanos: 0 }],
    [
      'no time but annotations',
      { timestamp: 0, annotations: [2, 1, 3].map((i) => ({ timestamp: micros - i, value: 'x' })) },
      { time: now - 1, timeNanos: 997_000 },
    ],
    ['an error that is false', { tags: { error: 'false' } }, { status: 'unset', attributes: {} }],
    ['an error that says nothing', { tags: { error: '' } }, { status: 'error', statusMessage: '' }],
    [
      'the status of OpenTelemetry',
      { tags: { 'otel.status_code': 'OK', 'otel.library.name': 'x', 'w3c.tracestate': 'a=1' } },
      { status: 'ok', scope: 'x', traceState: 'a=1', attributes: {} },
    ],
    ['zeros for a parent', { parentId: '0000000000000000' }, { parentSpanId: null }],
    [
      'values that are no texts',
      { tags: { a: 1, b: true, c: null } },
      { attributes: { a: '1', b: 'true', c: '' } },
    ],
  ])('is taken with %s', (_, change, expected) => {
    const { spans, out } = read({ ...span, ...change })
    expect(out.rejected).toEqual([])
    expect(spans).toMatchObject([expected])
    if ('attributes' in expected) expect(plain(spans[0]!.attributes)).toEqual(expected.attributes)
  })

  it.each([
    ['a trace id of 33 digits', { traceId: '1'.repeat(33) }, 'invalid_id'],
    ['a trace id of zeros', { traceId: '0000' }, 'invalid_id'],
    ['a span id of 17 digits', { id: '1'.repeat(17) }, 'invalid_id'],
    ['no id', { id: null }, 'invalid_id'],
    ['a parent that is no id', { parentId: 'root' }, 'invalid_id'],
    ['an annotation without a time', { annotations: [{ value: 'x' }] }, 'invalid_timestamp'],
    ['a time beyond all bounds', { timestamp: 1e300 }, 'invalid_timestamp'],
    ['a time in milliseconds', { timestamp: now }, 'timestamp_too_old'],
    ['a fraction of a microsecond', { timestamp: micros + 0.25 }, 'unparseable'],
    ['a duration of a year', { duration: 31_536_000_000_000 }, 'invalid_timestamp'],
    ['lists in tags', { tags: { a: [] } }, 'unparseable'],
    ['a text for an endpoint', { localEndpoint: 'shop' }, 'unparseable'],
  ])('is refused with %s, and the others are taken', (_, change, reason) => {
    const { spans, out } = read(span, { ...span, ...change }, span)
    expect(spans).toHaveLength(2)
    expect(out.rejected).toMatchObject([{ reason, refusals: [{ position: 1, reason }] }])
  })
})

test('A client and a server of one id are two spans, told apart by their kind.', () => {
  const { spans } = normalize([fixture('skew')], { settings: { maxFutureMs: Number.POSITIVE_INFINITY } })
  const twins = spans.filter(({ spanId }) => spanId === '74280ae0c10d8062')
  expect(twins).toMatchObject([
    {
      kind: 'server',
      service: 'serviceb',
      parentSpanId: 'bf396325699c84bf',
      attributes: { 'zipkin.shared': 'true' },
    },
    { kind: 'client', service: 'servicea', parentSpanId: 'bf396325699c84bf' },
  ])
  expect(twins[1]!.attributes).not.toHaveProperty(['zipkin.shared'])
})

test.each(['ascend', 'envoy', 'messaging', 'simple-db-p6', 'skew', 'yelp'])(
  'The spans of %s are the same in JSON, JSON lines, a list of traces and protobuf.',
  (name) => {
    const list = JSON.parse(fixture(name)) as Record<string, unknown>[]
    const { spans, out } = normalize([fixture(name)])
    expect(out.rejected).toEqual([])
    expect(spans).toHaveLength(list.length)
    const lines = list.map((each) => JSON.stringify(each)).join('\n')
    for (const bytes of [lines, JSON.stringify([list]), zipkinProtobuf(list)])
      expect(normalize([bytes]).spans).toEqual(spans)
  },
)

test('Protobuf has addresses in bytes.', () => {
  const bytes = zipkinProtobuf([
    {
      ...span,
      traceId: '0000000000000abc',
      id: '0000000000000001',
      localEndpoint: { ipv6: '2001:db8::1' },
    },
  ])
  expect(normalize([bytes]).spans).toMatchObject([{ host: '2001:db8::1', durationNs: 1_500_000 }])
})

describe('a span of version 1', () => {
  const shop = { serviceName: 'shop', ipv4: '10.0.0.1', port: 80 }
  const db = { serviceName: 'db', ipv4: '10.0.0.2' }
  const at = (value: string, after: number, endpoint: object = shop) => ({
    timestamp: micros + after,
    value,
    endpoint,
  })
  const bare = { traceId: 'ABC', id: '1', parentId: '2', name: 'get' }

  it('that both sides have told of is two spans', () => {
    const { spans } = read({
      ...bare,
      timestamp: micros,
      duration: 9_000,
      annotations: [
        at('cs', 0),
        at('sr', 2_000, db),
        at('ss', 5_000, db),
        at('cr', 9_000),
        at('parsed', 3_000, db),
      ],
      binaryAnnotations: [
        { key: 'sa', value: true, endpoint: db },
        { key: 'http.method', value: 'GET', endpoint: shop },
        { key: 'error', value: 'no row', endpoint: db },
      ],
    })
    const ids = {
      traceId: '00000000000000000000000000000abc',
      spanId: '0000000000000001',
      parentSpanId: '0000000000000002',
    }
    expect(spans).toMatchObject([
      { ...ids, kind: 'client', service: 'shop', time: now, durationNs: 9e6, status: 'unset', events: [] },
      {
        ...ids,
        kind: 'server',
        service: 'db',
        time: now + 2,
        durationNs: 3e6,
        status: 'error',
        statusMessage: 'no row',
      },
    ])
    expect(plain(spans[0]!.attributes)).toEqual({
      'network.local.address': '10.0.0.1',
      'network.local.port': '80',
      'peer.service': 'db',
      'network.peer.address': '10.0.0.2',
      'http.method': 'GET',
    })
    expect(Object.entries(spans[1]!.attributes)).toEqual([
      ['network.local.address', '10.0.0.2'],
      ['zipkin.shared', 'true'],
    ])
    expect(spans[1]!.events).toEqual([{ time: now + 3, timeNanos: 0, name: 'parsed', attributes: {} }])
  })

  it.each([
    [
      'a server alone',
      { timestamp: micros, duration: 7, annotations: [at('sr', 0), at('ss', 5)] },
      { kind: 'server', durationNs: 7_000 },
    ],
    [
      'a server that has not begun it',
      { annotations: [at('sr', 0), at('ss', 5)] },
      { kind: 'server', time: now, durationNs: 5_000, attributes: { 'zipkin.shared': 'true' } },
    ],
    [
      'a client without an answer',
      { annotations: [at('cs', 0)] },
      { kind: 'client', time: now, durationNs: 0 },
    ],
    ['an end alone', { annotations: [at('cr', 0)] }, { kind: 'client', time: now, durationNs: 0 }],
    [
      'a producer',
      { annotations: [at('ms', 0)], binaryAnnotations: [{ key: 'ma', value: true, endpoint: db }] },
      { kind: 'producer', attributes: { 'peer.service': 'db' } },
    ],
    ['a consumer', { annotations: [at('mr', 0)] }, { kind: 'consumer', service: 'shop' }],
    [
      'neither',
      { timestamp: micros, duration: 7, binaryAnnotations: [{ key: 'lc', value: 'spring', endpoint: shop }] },
      { kind: 'internal', service: 'shop', durationNs: 7_000, attributes: { lc: 'spring' } },
    ],
    [
      'nothing at all',
      { binaryAnnotations: [] },
      { kind: 'internal', service: 'unknown', time: now, durationNs: 0 },
    ],
    [
      'a tag that is called as an address',
      { binaryAnnotations: [{ key: 'sa', value: 'x', endpoint: shop }] },
      { attributes: { sa: 'x' } },
    ],
  ])('of %s is one', (_, change, expected) => {
    const { spans, out } = read({ ...bare, ...change })
    expect(out.rejected).toEqual([])
    expect(spans).toMatchObject([expected])
  })

  it('is taken with both sides or refused with both', () => {
    const late = micros + 86_400_000_000
    const { spans, out } = read({
      ...bare,
      annotations: [at('cs', 0), { timestamp: late, value: 'sr', endpoint: db }],
    })
    expect(spans).toEqual([])
    expect(out.rejected).toMatchObject([{ reason: 'timestamp_in_future' }])
  })

  it.each([
    ['version-1', 2, 3],
    ['version-1-error', 2, 3],
  ])('is read from %s', (name, held, made) => {
    expect(JSON.parse(fixture(name))).toHaveLength(held)
    const { spans, out } = normalize([fixture(name)])
    expect(out.rejected).toEqual([])
    expect(spans).toHaveLength(made)
    expect(new Set(spans.map((each) => `${each.traceId} ${each.spanId} ${each.kind}`)).size).toBe(made)
  })
})

describe('whatever a stranger sends', () => {
  const settings = { formats: { raw: 'zipkin' } }
  const keys = [
    'traceId',
    'id',
    'name',
    'kind',
    'timestamp',
    'duration',
    'localEndpoint',
    'annotations',
    'binaryAnnotations',
    'tags',
    'shared',
    'value',
    'endpoint',
    'key',
    'serviceName',
    'port',
    'ipv4',
    '__proto__',
  ]
  const value = anyNested(keys, [null, true, 0, -1, 1e300, micros, 'cs', 'sr', 'abc', '\ud800', 'CLIENT'])

  it('is read or refused', () => {
    fc.assert(
      fc.property(value, (change) => {
        const spans = [
          change,
          { ...span, ...(change as object) },
          ...['tags', 'annotations', 'binaryAnnotations', 'localEndpoint'].map((key) => ({
            ...span,
            [key]: change,
          })),
        ]
        const { spans: taken, out } = normalize([JSON.stringify(spans)], { settings })
        for (const { traceId, spanId, time, durationNs } of taken) {
          expect(traceId).toMatch(/^[0-9a-f]{32}$/)
          expect(spanId).toMatch(/^[0-9a-f]{16}$/)
          expect(Number.isSafeInteger(time) && Number.isSafeInteger(durationNs)).toBe(true)
        }
        expect(out.rejected.every(({ reason }) => reason !== '')).toBe(true)
        expect(({} as Record<string, unknown>).traceId).toBeUndefined()
      }),
    )
  })

  it('in bytes is read or refused', () => {
    const bytes = zipkinProtobuf(JSON.parse(fixture('yelp')) as Record<string, unknown>[])
    fc.assert(
      fc.property(anyDamaged(bytes), (broken) => {
        normalize([broken], { settings })
        normalize([broken])
      }),
    )
  })

  it('keeps no more attributes than are allowed', () => {
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'v']))
    const { spans } = normalize([JSON.stringify([{ ...span, tags }])], { settings: { maxAttributes: 10 } })
    expect(Object.keys(spans[0]!.attributes)).toHaveLength(11)
    expect(JSON.parse(spans[0]!.attributes.overflow!)).toHaveProperty('k49', 'v')
  })

  it('nested deep is refused', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const bytes = `[{"traceId":"1","id":"1","name":"x","tags":{"a":${deep}}}]`
    expect(normalize([bytes], { settings }).out.rejected).toHaveLength(1)
  })
})
