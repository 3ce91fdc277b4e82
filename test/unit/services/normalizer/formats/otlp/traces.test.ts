import { expect, test } from 'vitest'
import { normalize, now } from '../../../../../support/normalize.ts'
import { toProtobuf } from '../../../../../support/otlp.ts'

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const traceId = '5B8EFFF798038103D269B633813FC60C'
const spanId = 'EEE19B7EC3C1B174'
const span = {
  traceId,
  spanId,
  name: 'GET /',
  startTimeUnixNano: `${now}000123`,
  endTimeUnixNano: `${now + 2}000100`,
}

const message = (spans: readonly object[], resource: readonly object[] = [], scope: object = {}) => ({
  resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope, spans }] }],
})

/** Through JSON and protobuf, which must agree. */
function read(json: object) {
  const found = normalize([JSON.stringify(json)])
  const ofBytes = normalize([toProtobuf('traces', json)])
  expect(ofBytes.spans).toEqual(found.spans)
  expect(ofBytes.out.rejected).toEqual(found.out.rejected)
  return found
}

test('A span keeps all that it tells.', () => {
  const all = {
    ...span,
    parentSpanId: 'EEE19B7EC3C1B173',
    kind: 3,
    traceState: 'vendor=1',
    status: { code: 2, message: 'timeout' },
    attributes: [
      text('http.request.method', 'GET'),
      { key: 'map', value: { kvlistValue: { values: [text('a', 'b')] } } },
    ],
    events: [
      { timeUnixNano: `${now + 1}000007`, name: 'exception', attributes: [text('exception.type', 'E')] },
    ],
    links: [{ traceId, spanId, attributes: [text('why', 'batch')] }],
  }
  const { spans } = read(
    message([all], [text('service.name', 'checkout'), text('host.name', 'node-1')], { name: 'library' }),
  )
  expect(spans).toEqual([
    expect.objectContaining({
      traceId: traceId.toLowerCase(),
      spanId: spanId.toLowerCase(),
      parentSpanId: 'eee19b7ec3c1b173',
      name: 'GET /',
      kind: 'client',
      service: 'checkout',
      host: 'node-1',
      time: now,
      timeNanos: 123,
      durationNs: 1_999_977,
      status: 'error',
      statusMessage: 'timeout',
      scope: 'library',
      traceState: 'vendor=1',
    }),
  ])
  const { attributes, resource, events, links } = spans[0]!
  expect({ ...attributes }).toEqual({ 'http.request.method': 'GET', map: '{"a":"b"}' })
  expect({ ...resource }).toEqual({ 'service.name': 'checkout', 'host.name': 'node-1' })
  expect(events).toMatchObject([
    { time: now + 1, timeNanos: 7, name: 'exception', attributes: { 'exception.type': 'E' } },
  ])
  expect(links).toMatchObject([
    { traceId: traceId.toLowerCase(), spanId: spanId.toLowerCase(), attributes: { why: 'batch' } },
  ])
})

test.each([
  ['no parent', {}, { parentSpanId: null }],
  ['a parent of zeros', { parentSpanId: '0000000000000000' }, { parentSpanId: null }],
  ['no kind', {}, { kind: 'unspecified', status: 'unset', service: 'unknown', host: '' }],
  ['an end before its start', { endTimeUnixNano: `${now - 1}000000` }, { durationNs: 0 }],
  ['no end', { endTimeUnixNano: '0' }, { durationNs: 0 }],
])('A span with %s is taken.', (_, change, expected) => {
  expect(read(message([{ ...span, ...change }])).spans).toMatchObject([expected])
})

test('JSON may name enums.', () => {
  const named = { ...span, kind: 'SPAN_KIND_SERVER', status: { code: 'STATUS_CODE_OK' } }
  expect(normalize([JSON.stringify(message([named]))]).spans).toMatchObject([
    { kind: 'server', status: 'ok' },
  ])
})

test.each([
  ['a trace id of zeros', { traceId: '0'.repeat(32) }, 'invalid_id'],
  ['a short span id', { spanId: 'EEE19B7E' }, 'invalid_id'],
  ['no start', { startTimeUnixNano: '0' }, 'invalid_timestamp'],
  ['a year between start and end', { endTimeUnixNano: `${now + 31_536_000_000}000000` }, 'invalid_timestamp'],
  ['a link to no span', { links: [{ traceId }] }, 'invalid_id'],
])('A span with %s is refused, and the others are taken.', (_, change, reason) => {
  const { spans, out } = read(message([span, { ...span, ...change }, span]))
  expect(spans).toHaveLength(2)
  expect(out.rejected).toMatchObject([{ reason, refusals: [{ position: 1, reason }] }])
})

test('An id in base64, as protobuf’s own JSON has it, is refused.', () => {
  const { out } = normalize([
    JSON.stringify(message([{ ...span, traceId: Buffer.from(traceId, 'hex').toString('base64') }])),
  ])
  expect(out.rejected).toMatchObject([{ reason: 'invalid_id' }])
})
