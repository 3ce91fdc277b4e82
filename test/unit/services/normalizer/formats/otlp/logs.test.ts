import { expect, test } from 'vitest'
import type { NormalizerConfig } from '../../../../../../services/normalizer/config.ts'
import { normalize, now } from '../../../../../support/normalize.ts'
import { toProtobuf } from '../../../../../support/otlp.ts'

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const message = (logRecords: readonly object[], resource: readonly object[] = [], scope: object = {}) => ({
  resourceLogs: [{ resource: { attributes: resource }, scopeLogs: [{ scope, logRecords }] }],
})

/** Through JSON and protobuf, which must agree. */
function read(json: object, settings: Partial<NormalizerConfig> = {}) {
  const found = normalize([JSON.stringify(json)], { settings })
  const ofBytes = normalize([toProtobuf('logs', json)], { settings })
  expect(ofBytes.logs).toEqual(found.logs)
  return found
}

test('A log record has its resource and scope with it.', () => {
  const resource = [
    text('service.name', 'checkout'),
    text('host.name', 'node-1'),
    text('k8s.pod.name', 'p'),
    text('a', 'resource'),
  ]
  const record = {
    timeUnixNano: `${now}000001`,
    severityNumber: 17,
    severityText: 'Error',
    body: { stringValue: 'it failed' },
    traceId: '5B8EFFF798038103D269B633813FC60C',
    spanId: 'EEE19B7EC3C1B174',
    eventName: 'payment.failed',
    attributes: [
      text('a', 'record'),
      { key: 'http', value: { kvlistValue: { values: [text('method', 'GET')] } } },
    ],
  }
  const { logs } = read(message([record], resource, { name: 'library', version: '2' }))
  expect(logs).toMatchObject([
    {
      time: now,
      service: 'checkout',
      host: 'node-1',
      level: 'error',
      message: 'it failed',
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
    },
  ])
  expect({ ...logs[0]!.attributes }).toEqual({
    'k8s.pod.name': 'p',
    a: 'record',
    'http.method': 'GET',
    'log.level': 'Error',
    'event.name': 'payment.failed',
    'otel.scope.name': 'library',
    'otel.scope.version': '2',
  })
})

test.each([
  [1, 'trace'],
  [4, 'trace'],
  [5, 'debug'],
  [9, 'info'],
  [12, 'info'],
  [13, 'warn'],
  [20, 'error'],
  [21, 'fatal'],
  [24, 'fatal'],
  [0, 'unknown'],
  [25, 'unknown'],
  ['SEVERITY_NUMBER_WARN', 'warn'],
  ['SEVERITY_NUMBER_DEBUG4', 'debug'],
  ['SEVERITY_NUMBER_LOUD', 'unknown'],
])('Severity %s is the level %s.', (severityNumber, level) => {
  const json = message([{ timeUnixNano: `${now}000000`, severityNumber, body: { stringValue: 'x' } }])
  expect(normalize([JSON.stringify(json)]).logs).toMatchObject([{ level }])
})

test('A record without a severity has the level of its word.', () => {
  expect(read(message([{ severityText: 'WARNING', body: { stringValue: 'x' } }])).logs).toMatchObject([
    { level: 'warn' },
  ])
})

test.each([
  ['its own', { timeUnixNano: `${now - 2}000000`, observedTimeUnixNano: `${now - 1}000000` }, now - 2],
  ['when it was observed', { observedTimeUnixNano: `${now - 1}000000` }, now - 1],
  ['when the broker took it', {}, now],
])('The time of a record is %s.', (_, times, time) => {
  expect(read(message([{ ...times, body: { stringValue: 'x' } }])).logs).toMatchObject([{ time }])
})

test('A structured body is JSON, and ids that are none are left out.', () => {
  const values = [{ key: 'n', value: { intValue: '1' } }, text('s', 'x')]
  const record = { body: { kvlistValue: { values } }, traceId: '00', spanId: '0000000000000000' }
  expect(read(message([record])).logs).toMatchObject([
    { message: '{"n":1,"s":"x"}', traceId: null, spanId: null },
  ])
})

test('What is beyond the limit of attributes is kept together.', () => {
  const attributes = ['a', 'b', 'c', 'd'].map((key) => text(key, key))
  const { logs } = read(message([{ body: { stringValue: 'x' }, attributes }]), { maxAttributes: 2 })
  expect({ ...logs[0]!.attributes }).toEqual({ a: 'a', b: 'b', overflow: '{"c":"c","d":"d"}' })
})

test('A bad record is refused, and the others are taken.', () => {
  const good = { body: { stringValue: 'x' } }
  const { logs, out } = normalize([JSON.stringify(message([good, { timeUnixNano: 'noon' }, good]))])
  expect(logs).toHaveLength(2)
  expect(out.rejected).toMatchObject([{ reason: 'invalid_timestamp', refusals: [{ position: 1 }] }])
})
