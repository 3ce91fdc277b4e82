import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Signal } from '../../../../../services/normalizer/formats/otlp/signals.ts'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'
import { example, toProtobuf } from '../../../../support/otlp.ts'
import { packed, writeRequest, writeRequest2 } from '../../../../support/remote-write.ts'
import { jaegerProtobuf, zipkinProtobuf } from '../../../../support/traces.ts'

const folder = 'test/fixtures'
const read = (path: string) => readFileSync(`${folder}/${path}`)

/** The format of all files in a folder that is called otherwise, or that has several. */
const formatOf = (path: string) =>
  ({
    'otlp/metrics.json': 'otlp-metrics',
    'otlp/logs.json': 'otlp-logs',
    'otlp/events.json': 'otlp-logs',
    'otlp/trace.json': 'otlp-traces',
  })[path] ??
  (path.startsWith('otlp/jaeger-') ? 'otlp-traces' : undefined) ??
  path.slice(0, path.indexOf('/'))

// names/ holds lines of many formats, and what they are called, and otlp/fluent-bit-*.json tables of tests: no sample of one. Text is never recognized.
const fixtures = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\/[^/]+\.[a-z]+$/.test(path) && !/^(names\/|text\/|otlp\/fluent-bit-)/.test(path))
  .map((path) => [formatOf(path), path, read(path)] as const)

const otlp = (signal: Signal, name: string) =>
  [`otlp-${signal}`, `${name} in protobuf`, toProtobuf(signal, JSON.parse(example(name)) as object)] as const
const zipkin = (name: string) =>
  [
    'zipkin',
    `${name} in protobuf`,
    zipkinProtobuf(JSON.parse(read(`zipkin/${name}`).toString()) as never),
  ] as const

const span = {
  traceId: 'AAAAAAAAAAAAAAAAAAAAAQ==',
  spanId: 'AAAAAAAAAAI=',
  // As long as an id.
  operationName: 'GET /abc',
  startTime: { seconds: 1_700_000_000 },
  process: { serviceName: 'shop', tags: [{ key: 'hostname', vStr: 'node-1' }] },
}
const series = {
  labels: [{ name: '__name__', value: 'up' }],
  samples: [{ value: 1, timestamp: 1_700_000_000_000 }],
}

const binary = [
  otlp('metrics', 'metrics.json'),
  otlp('logs', 'logs.json'),
  otlp('logs', 'events.json'),
  otlp('traces', 'trace.json'),
  ...['ascend', 'envoy', 'messaging', 'simple-db-p6', 'skew', 'yelp'].map((name) => zipkin(`${name}.json`)),
  ['jaeger', 'a span in protobuf', jaegerProtobuf('Span', span)],
  ['jaeger', 'a batch in protobuf', jaegerProtobuf('Batch', { spans: [span], process: span.process })],
  ['jaeger', 'a batch without a process', jaegerProtobuf('Batch', { spans: [span, span] })],
  ['prometheus-remote-write', 'version 1', packed(writeRequest({ timeseries: [series] }))],
  ['prometheus-remote-write', 'version 1, not packed', writeRequest({ timeseries: [series] })],
  [
    'prometheus-remote-write',
    'version 2',
    packed(writeRequest2({ symbols: ['', 'a', 'b'], timeseries: [] })),
  ],
] as const

describe('of all formats', () => {
  it.each([...fixtures, ...binary])('%s alone recognizes %s', (name, _, bytes) => {
    const payload = new Payload(bytes, {})
    expect(formats.filter((one) => one.recognizes(payload)).map((one) => one.name)).toEqual([name])
  })

  it.each([
    { traceId: 'abc', id: '1', name: 'x', level: 'info', message: 'm' },
    { traceId: 'abc', id: '1', kind: 'audit', msg: 'm', time: 1_700_000_000_000 },
    { traceId: 'abc', id: '1' },
    { traceId: 'not hexadecimal', id: '1', name: 'x' },
    { traceId: 'abc', spanId: '1', operationName: 'x', tags: ['a'], level: 'info', message: 'm' },
    { traceID: 'abc', spanID: '1', operationName: 'x' },
  ])('none of traces recognizes %j', (json) => {
    const payload = new Payload(Buffer.from(JSON.stringify(json)), {})
    const names = formats.filter((one) => one.recognizes(payload)).map((one) => one.name)
    expect(names).not.toContain('zipkin')
    expect(names).not.toContain('jaeger')
  })

  it('each that has samples is one', () => {
    const names: readonly string[] = formats.map(({ name }) => name)
    for (const [name] of [...fixtures, ...binary]) expect(names).toContain(name)
  })
})
