import { describe, expect, it } from 'vitest'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { normalize } from '../../../../support/normalize.ts'

type Attributes = Readonly<Record<string, string | number>>

interface Some {
  readonly kind?: number
  readonly name?: string
  readonly attributes?: Attributes
  readonly resource?: Attributes
  readonly status?: number
  readonly end?: string
}

const listOf = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }))

/** OTLP in JSON: a span of 250 ms that begins at 22:13:19. */
const otlp = ({ kind = 2, name = 'op', attributes = {}, resource = {}, status = 0, end }: Some) =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: listOf({ 'service.name': 'shop', ...resource }) },
        scopeSpans: [
          {
            spans: [
              {
                traceId: '5b8efff798038103d269b633813fc60c',
                spanId: 'eee19b7ec3c1b174',
                name,
                kind,
                startTimeUnixNano: '1699999999000000000',
                endTimeUnixNano: end ?? '1699999999250000000',
                attributes: listOf(attributes),
                status: { code: status },
              },
            ],
          },
        ],
      },
    ],
  })

function run(values: readonly string[], more: object = {}) {
  const { points, series, spans } = normalize(values, {
    settings: normalizerSection.schema.parse({ derivedPoints: ['spans'], ...more }),
  })
  return { points: points.map(([key, time, value]) => `${key} ${value} ${time}`), series, spans }
}

const server = 2
const client = 3
const producer = 4
const consumer = 5

/** What a span of the service shop becomes, with these tags. */
const both = (count: string, duration: string, tags: string) => {
  const all = [...tags.split(','), 'derived.from=spans', 'service.name=shop'].sort().join()
  return [`${count},${all} 1 1699999999250`, `${duration},${all} 0.25 1699999999250`]
}
const served = (tags: string) => both('http.server.request.count', 'http.server.request.duration', tags)
const sent = (tags: string) => both('http.client.request.count', 'http.client.request.duration', tags)
const called = (side: string, tags: string) =>
  both(`rpc.${side}.call.count`, `rpc.${side}.call.duration`, tags)
const asked = (tags: string) => both('db.client.operation.count', 'db.client.operation.duration', tags)
const unknown = (tags: string) => both('traces.span.metrics.calls', 'traces.span.metrics.duration', tags)

describe('points of spans', () => {
  it.each<readonly [Some, readonly string[]]>([
    [
      {
        kind: server,
        attributes: {
          'http.request.method': 'GET',
          'http.response.status_code': 200,
          'http.route': '/u/{id}',
        },
      },
      served('http.request.method=GET,http.response.status_code=200,http.route=/u/{id}'),
    ],
    // The names of before 2023.
    [
      {
        kind: server,
        attributes: { 'http.method': 'get', 'http.status_code': 500, 'http.target': '/u/7?a=b' },
      },
      served('error.type=500,http.request.method=GET,http.response.status_code=500,http.route=/u/{id}'),
    ],
    [
      { kind: server, status: 2, attributes: { 'url.full': 'https://a.example/x', 'error.type': 'Timeout' } },
      served('error.type=Timeout,http.route=/x'),
    ],
    [
      { kind: server, attributes: { 'http.request.method': 'GET', 'http.response.status_code': 404 } },
      served('http.request.method=GET,http.response.status_code=404'),
    ],
    [
      {
        kind: client,
        attributes: {
          'http.request.method': 'GET',
          'http.response.status_code': 404,
          'url.full': 'https://u:p@api.example:8443/x/1',
        },
      },
      sent('error.type=404,http.request.method=GET,http.response.status_code=404,server.address=api.example'),
    ],
    [
      {
        kind: server,
        attributes: {
          'rpc.system': 'grpc',
          'rpc.service': 'shop.Cart',
          'rpc.method': 'Add',
          'rpc.grpc.status_code': 4,
        },
        status: 2,
      },
      called(
        'server',
        'error.type=_OTHER,rpc.method=shop.Cart/Add,rpc.status_code=DEADLINE_EXCEEDED,rpc.system.name=grpc',
      ),
    ],
    [
      {
        kind: client,
        attributes: {
          'rpc.system.name': 'grpc',
          'rpc.method': 'shop.Cart/Add',
          'rpc.status_code': 'OK',
          'http.request.method': 'POST',
        },
      },
      called('client', 'rpc.method=shop.Cart/Add,rpc.status_code=OK,rpc.system.name=grpc'),
    ],
    [
      {
        kind: client,
        attributes: {
          'db.system': 'mysql',
          'db.name': 'shop',
          'db.operation': 'SELECT',
          'db.sql.table': 'carts',
          'db.statement': 'SELECT 1',
          'net.peer.name': 'db1',
        },
      },
      asked(
        'db.collection.name=carts,db.namespace=shop,db.operation.name=SELECT,db.system.name=mysql,server.address=db1',
      ),
    ],
    [{ kind: server, name: 'GET /users/42' }, unknown('span.kind=server,span.name=GET /users/{id}')],
    [
      { kind: client, name: 'x', status: 2, attributes: { 'error.type': 'a sentence, of no class' } },
      unknown('error.type=_OTHER,span.kind=client,span.name=x'),
    ],
    [{ kind: 1, attributes: { 'http.request.method': 'GET' } }, []],
    [{ kind: 0 }, []],
  ])('%j', (span, expected) => {
    expect(run([otlp(span)]).points).toEqual(expected)
  })

  it.each<readonly [Some, string, string | undefined, number]>([
    [
      {
        kind: producer,
        attributes: { 'messaging.operation.type': 'send', 'messaging.batch.message_count': 20 },
      },
      'messaging.client.operation.duration',
      'messaging.client.sent.messages',
      20,
    ],
    [
      { kind: producer, attributes: { 'messaging.operation': 'publish' } },
      'messaging.client.operation.duration',
      'messaging.client.sent.messages',
      1,
    ],
    [
      { kind: client, attributes: { 'messaging.operation.type': 'receive' } },
      'messaging.client.operation.duration',
      'messaging.client.consumed.messages',
      1,
    ],
    [
      { kind: consumer, attributes: {} },
      'messaging.process.duration',
      'messaging.client.consumed.messages',
      1,
    ],
    [
      { kind: client, attributes: { 'messaging.operation.type': 'settle' } },
      'messaging.client.operation.duration',
      undefined,
      0,
    ],
  ])('of messages: %j', (span, duration, count, messages) => {
    const attributes = {
      'messaging.system': 'kafka',
      'messaging.destination.name': 'orders',
      ...span.attributes,
    }
    const { points, series } = run([otlp({ ...span, attributes })])
    expect(series.map(({ metric }) => metric)).toEqual([...(count ? [count] : []), duration])
    expect(points.at(-1)).toContain('messaging.destination.name=orders')
    if (count) expect(points[0]).toMatch(new RegExp(` ${messages} 1699999999250$`))
  })

  it('have tags of the span and of its resource', () => {
    const span = {
      name: 'x',
      attributes: { zone: 'b' },
      resource: { 'deployment.environment.name': 'live', 'host.name': 'h1' },
    }
    const derivedTags = ['deployment.environment.name', 'host.name', 'zone']
    expect(run([otlp(span)], { derivedTags }).points[0]).toBe(
      'traces.span.metrics.calls,deployment.environment.name=live,derived.from=spans,host.name=h1,service.name=shop,span.kind=server,span.name=x,zone=b 1 1699999999250',
    )
  })

  it('have no duration without an end, and are none when the end is in the future', () => {
    expect(run([otlp({ end: '0' })]).series.map(({ metric }) => metric)).toEqual([
      'traces.span.metrics.calls',
    ])
    const { points, spans } = run([otlp({ end: '1700001000000000000' })])
    expect(points).toEqual([])
    expect(spans).toHaveLength(1)
  })

  it('count errors of the business by code', () => {
    const { points } = run([otlp({ attributes: { 'http.method': 'GET', 'app.code': 'E7' } })], {
      businessCodes: [{ attribute: 'app.code', values: ['E*'] }],
    })
    expect(points[2]).toBe(
      'http.server.business_error.count,business.code=E7,derived.from=spans,http.request.method=GET,service.name=shop 1 1699999999250',
    )
  })

  it('are made of Zipkin’s spans, whatever tags they have', () => {
    const span = (more: object) => ({
      traceId: '5b8efff798038103d269b633813fc60c',
      id: 'eee19b7ec3c1b174',
      timestamp: 1_699_999_999_000_000,
      duration: 250_000,
      localEndpoint: { serviceName: 'shop' },
      ...more,
    })
    const spans = [
      span({ kind: 'SERVER', name: 'get /u/1', tags: { 'http.method': 'GET', 'http.path': '/u/1' } }),
      span({ kind: 'SERVER', name: 'handle' }),
      span({ kind: 'CLIENT', name: 'select', remoteEndpoint: { serviceName: 'mysql' } }),
      span({ kind: 'PRODUCER', name: 'send', tags: { 'kafka.topic': 'orders' } }),
      span({ name: 'inside' }),
    ]
    const message =
      'messaging.destination.name=orders,messaging.operation.name=send,messaging.operation.type=send,messaging.system=kafka'
    expect(run([JSON.stringify(spans)]).points).toEqual([
      ...served('http.request.method=GET,http.route=/u/{id}'),
      ...unknown('span.kind=server,span.name=handle'),
      ...unknown('span.kind=client,span.name=select'),
      ...both('messaging.client.sent.messages', 'messaging.client.operation.duration', message),
    ])
  })

  it('are made of Jaeger’s spans', () => {
    const span = {
      traceId: 'W47/95gDgQPSabYzgT/GDA==',
      spanId: '7uGbfsPBsXQ=',
      operationName: 'HTTP GET /u',
      startTime: '2023-11-14T22:13:19Z',
      duration: '0.25s',
      tags: [
        { key: 'span.kind', vStr: 'server' },
        { key: 'http.method', vStr: 'GET' },
        { key: 'http.url', vStr: 'http://a/u/5' },
        { key: 'error', vType: 'BOOL', vBool: true },
      ],
      process: { serviceName: 'shop' },
    }
    expect(run([JSON.stringify(span)]).points).toEqual(
      served('error.type=_OTHER,http.request.method=GET,http.route=/u/{id}'),
    )
  })
})

it('the duration of a span leads to its trace', () => {
  const { exemplars } = normalize([otlp({ kind: server })], {
    settings: normalizerSection.schema.parse({ derivedPoints: ['spans'] }),
  })
  const end = 1_699_999_999_250
  expect(exemplars).toEqual([
    [
      expect.stringContaining('traces.span.metrics.duration'),
      end,
      { traceId: '5b8efff798038103d269b633813fc60c', spanId: 'eee19b7ec3c1b174', value: 0.25, time: end },
    ],
  ])
})
