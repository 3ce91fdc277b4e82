import { describe, expect, it } from 'vitest'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { normalize } from '../../../../support/normalize.ts'

const line = (request: string, status: number, more = '') =>
  `10.0.0.1 - - [14/Nov/2023:22:13:19 +0000] "${request}" ${status} 512 "-" "curl/8"${more}`

function run(values: readonly string[], more: object = {}) {
  const { points, series, logs, out } = normalize(values, {
    settings: normalizerSection.schema.parse({ derivedPoints: ['accessLogs'], ...more }),
  })
  return { points: points.map(([key, time, value]) => `${key} ${value} ${time}`), series, logs, out }
}

const tags = (method: string, route: string, status: number) =>
  `derived.from=accessLogs${status >= 500 ? `,error.type=${status}` : ''},http.request.method=${method},http.response.status_code=${status},http.route=${route},service.name=unknown`

describe('points of access logs', () => {
  it('are none unless wanted', () => {
    expect(run([line('GET / HTTP/1.1', 200)], { derivedPoints: ['spans'] }).points).toEqual([])
    expect(run([line('GET / HTTP/1.1', 200)], { derivedPoints: [] }).points).toEqual([])
  })

  it('are a request, and its duration where the line tells it, at the time of the line', () => {
    const { points, series, logs } = run([
      `${line('GET /users/17?x=1 HTTP/1.1', 200, ' 0.250')}\n${line('POST /orders HTTP/1.1', 503)}`,
    ])
    expect(points).toEqual([
      `http.server.request.count,${tags('GET', '/users/{id}', 200)} 1 1699999999000`,
      `http.server.request.duration,${tags('GET', '/users/{id}', 200)} 0.25 1699999999000`,
      `http.server.request.count,${tags('POST', '/orders', 503)} 1 1699999999000`,
    ])
    expect(series.map(({ kind, unit }) => [kind, unit])).toEqual([
      ['delta', '{request}'],
      ['distribution', 's'],
      ['delta', '{request}'],
    ])
    expect(logs).toHaveLength(2)
  })

  it('count what made no sense, and methods that were made up', () => {
    const { points } = run([`${line('\\x16\\x03', 400)}\n${line('PROPFINDER /a HTTP/1.1', 200)}`])
    expect(points).toEqual([
      'http.server.request.count,derived.from=accessLogs,http.response.status_code=400,service.name=unknown 1 1699999999000',
      `http.server.request.count,${tags('_OTHER', '/a', 200)} 1 1699999999000`,
    ])
  })

  it('are of events in other formats too, with the duration where configuration says', () => {
    const event = {
      '@timestamp': '2023-11-14T22:13:19Z',
      message: 'GET /a',
      service: { name: 'shop' },
      http: { request: { method: 'GET' }, response: { status_code: 200 } },
      url: { original: '/a/4711?b=c' },
      event: { duration: 1_500_000 },
    }
    const accessLogDuration = { attribute: 'event.duration', unit: 'ns' }
    const shop = (metric: string) => `${metric},${tags('GET', '/a/{id}', 200).replace('unknown', 'shop')}`
    expect(run([JSON.stringify(event)], { accessLogDuration }).points).toEqual([
      `${shop('http.server.request.count')} 1 1699999999000`,
      `${shop('http.server.request.duration')} 0.0015 1699999999000`,
    ])
  })

  it.each(['long', '-1', '1e9', ''])('have no duration “%s”', (duration) => {
    const event = JSON.stringify({
      '@timestamp': '2023-11-14T22:13:19Z',
      'http.request.method': 'GET',
      'http.response.status_code': '200',
      took: duration,
    })
    expect(run([event], { accessLogDuration: { attribute: 'took' } }).points).toHaveLength(1)
  })

  it('have so many routes of a service, and what comes then is counted together', () => {
    const lines = ['/a', '/b', '/c', '/a', '/c'].map((path) => line(`GET ${path} HTTP/1.1`, 200))
    const { points } = run([lines.join('\n')], { maxDerivedValues: 2 })
    expect(points.map((point) => /http.route=([^,]+)/.exec(point)![1])).toEqual([
      '/a',
      '/b',
      '_OTHER',
      '/a',
      '_OTHER',
    ])
  })

  it('have no routes of what is not there, or elsewhere', () => {
    const lines = [404, 405, 301, 308, 200, 404].map((status) => line('GET /a HTTP/1.1', status))
    const routes = run([lines.join('\n')]).points.map((point) => /http.route=([^,]+)/.exec(point)![1])
    expect(routes).toEqual(['_OTHER', '_OTHER', '_OTHER', '_OTHER', '/a', '/a'])
  })

  it('have the routes that configuration lists, beside those', () => {
    const derivedRoutes = ['/wiki/{title}', '/files/*', '/']
    const lines = ['/wiki/Tides', '/wiki/Tides/edit', '/files/a/b/c', '/files', '/', '/x'].map((path) =>
      line(`GET ${path} HTTP/1.1`, 200),
    )
    const { points } = run([lines.join('\n')], { derivedRoutes, maxDerivedValues: 1 })
    expect(points.map((point) => /http.route=([^,]+)/.exec(point)![1])).toEqual([
      '/wiki/{title}',
      '/wiki/Tides/edit',
      '/files/*',
      '/files/*',
      '/',
      '_OTHER',
    ])
  })

  it('have tags of attributes, bounded as routes are', () => {
    const lines = ['a', 'b'].map((host) => `${host}.example:80 ${line('GET / HTTP/1.1', 200)}`)
    const settings = { derivedTags: ['server.address', 'http.route', 'missing'], maxDerivedValues: 1 }
    const { points } = run([lines.join('\n')], settings)
    expect(points.map((point) => /server.address=(\S+),|server.address=(\S+) /.exec(point)?.[1])).toEqual([
      'a.example',
      '_OTHER',
    ])
  })

  it('count errors of the business by code', () => {
    const event = (code: string) =>
      JSON.stringify({
        '@timestamp': '2023-11-14T22:13:19Z',
        'http.request.method': 'POST',
        'http.response.status_code': '200',
        'app.code': code,
      })
    const events = ['0', 'E-17', 'NO_MONEY', 'OK'].map(event)
    const listed = { businessCodes: [{ attribute: 'app.code', values: ['E-*'] }] }
    const unlisted = { businessCodes: [{ attribute: 'app.code', except: ['0', 'OK'] }] }
    const errors = (points: readonly string[]) =>
      points.filter((point) => point.startsWith('http.server.business_error.count'))
    const common = 'derived.from=accessLogs,http.request.method=POST,http.response.status_code=200'
    expect(errors(run(events, listed).points)).toEqual([
      `http.server.business_error.count,business.code=E-17,${common},service.name=unknown 1 1699999999000`,
    ])
    expect(errors(run(events, unlisted).points)).toHaveLength(2)
  })

  it('are made of the event as the rules leave it, also when they drop or thin it out', () => {
    const { points, logs } = run([`${line('GET /a HTTP/1.1', 200)}\n${line('GET /b HTTP/1.1', 500)}`], {
      logRules: [
        { extract: { from: 'url.path', pattern: '^/(?P<shop>.)' } },
        { level: ['error'], sample: { ratio: 0.000_001 } },
        { drop: true },
      ],
      derivedTags: ['shop'],
    })
    expect(logs).toEqual([])
    expect(points.map((point) => /shop=(.)/.exec(point)![1])).toEqual(['a', 'b'])
  })

  it('are under the rules and limits for points, and cost the event nothing', () => {
    const values = [line('GET /a HTTP/1.1', 200, ' 9.5')]
    const pointRules = [
      { metric: 'http.server.request.duration', range: { max: 1 } },
      { removeTags: ['derived.from'] },
    ]
    expect(run(values, { pointRules }).points).toEqual([
      `http.server.request.count,${tags('GET', '/a', 200).replace('derived.from=accessLogs,', '')} 1 1699999999000`,
    ])
    const limited = run(values, { maxTags: 3 })
    expect(limited.points).toEqual([])
    expect(limited.logs).toHaveLength(1)
    expect(limited.out.rejected).toEqual([])
  })

  it('are none of lines that are refused', () => {
    const late = line('GET / HTTP/1.1', 200).replace('2023', '2024')
    expect(run([`${late}\n${line('GET / HTTP/1.1', 200)}`]).points).toHaveLength(1)
  })
})

describe('settings of derived points', () => {
  it.each([
    [{ businessCodes: [{ attribute: 'a' }] }, 'values'],
    [{ businessCodes: [{ attribute: 'a', values: ['1'], except: ['2'] }] }, 'except'],
    [{ derivedRoutes: ['a'] }, 'begins with /'],
    [{ derivedPoints: ['logs'] }, 'accessLogs'],
    [{ derivedPoints: ['spans'], maxJoinedSources: 150 }, 'at most 100'],
  ])('refuse %j', (settings, sentence) => {
    expect(() => normalizerSection.schema.parse(settings)).toThrow(sentence)
  })
})
