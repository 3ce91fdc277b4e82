import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogRecord } from '../../../../../shared/avro/types.ts'
import { now, normalize as run } from '../../../../support/normalize.ts'

const fixtures = join(import.meta.dirname, '../../../../fixtures')
const fixture = (name: string) => readFileSync(join(fixtures, name), 'utf8')
const time = '14/Nov/2023:22:13:20 +0000'

describe('access logs', () => {
  it.each<[string, string, Partial<LogRecord>]>([
    [
      'the common format',
      `127.0.0.1 - frank [${time}] "GET /apache_pb.gif HTTP/1.0" 200 2326`,
      {
        time: now,
        level: 'info',
        message: 'GET /apache_pb.gif HTTP/1.0',
        attributes: {
          'client.address': '127.0.0.1',
          'user.name': 'frank',
          'http.request.method': 'GET',
          'url.path': '/apache_pb.gif',
          'network.protocol.name': 'http',
          'network.protocol.version': '1.0',
          'http.response.status_code': '200',
          'http.response.body.size': '2326',
        },
      },
    ],
    [
      'the combined format, with a query',
      `::1 - - [14/Nov/2023:23:13:20 +0100] "POST /a?b=c&d HTTP/2.0" 503 0 "https://x.y/" "curl/8.0 \\"q\\""`,
      {
        time: now,
        level: 'error',
        attributes: {
          'client.address': '::1',
          'http.request.method': 'POST',
          'url.path': '/a',
          'url.query': 'b=c&d',
          'network.protocol.name': 'http',
          'network.protocol.version': '2.0',
          'http.response.status_code': '503',
          'http.response.body.size': '0',
          'http.request.referrer': 'https://x.y/',
          'user_agent.original': 'curl/8.0 \\"q\\"',
        },
      },
    ],
    [
      'a virtual host with its port',
      `shop.example:443 10.0.0.1 - - [${time}] "-" 408 -`,
      {
        level: 'warn',
        message: '-',
        attributes: {
          'server.address': 'shop.example',
          'server.port': '443',
          'client.address': '10.0.0.1',
          'http.response.status_code': '408',
        },
      },
    ],
    [
      'a forwarded address and nginx’ request_time',
      `10.0.0.1 - - [${time}] "GET / HTTP/1.1" 200 5 "-" "-" "203.0.113.7, 10.1.1.1" 0.012 0.010 .`,
      {
        attributes: expect.objectContaining({
          'http.request.header.x-forwarded-for': '203.0.113.7, 10.1.1.1',
          'http.server.request.duration': '0.012',
          'access_log.rest': '0.010 .',
        }),
      },
    ],
    [
      'request_time by name, before other names',
      `10.0.0.1 - - [${time}] "GET / HTTP/1.1" 200 5 "-" "-" rt=0.005 uct="0.001"`,
      {
        attributes: expect.objectContaining({
          'http.server.request.duration': '0.005',
          'access_log.rest': 'uct="0.001"',
        }),
      },
    ],
    [
      'microseconds behind the common format',
      `10.0.0.1 - - [${time}] "GET / HTTP/1.1" 200 5 1500`,
      { attributes: expect.objectContaining({ 'http.server.request.duration': '0.0015' }) },
    ],
    [
      'a user’s name with a blank',
      `10.0.0.1 - john f doe [${time}] "GET / HTTP/1.1" 401 5`,
      { level: 'warn', attributes: expect.objectContaining({ 'user.name': 'john f doe' }) },
    ],
    [
      'what is no HTTP',
      `10.0.0.1 - - [${time}] "\\x16\\x03\\x01" 400 157 "-" "-"`,
      {
        message: '\\x16\\x03\\x01',
        attributes: {
          'client.address': '10.0.0.1',
          'http.response.status_code': '400',
          'http.response.body.size': '157',
        },
      },
    ],
  ])('are read in %s', (_, line, expected) => {
    const { logs, out } = run([line])
    expect(out.rejected).toEqual([])
    expect(logs).toMatchObject([expected])
    if (expected.attributes) expect(logs[0]!.attributes).toEqual(expected.attributes)
  })

  it.each(['apache', 'nginx'])('of %s are read to the last line', (server) => {
    const text = fixture(`access-log/${server}.log`)
    const { logs, out } = run([text])
    expect(out.rejected).toEqual([])
    expect(logs.length).toBe(text.trimEnd().split('\n').length)
  })

  it('of nginx give what Filebeat’s module makes of them', () => {
    const expected = JSON.parse(fixture('ecs-json/filebeat-nginx-access.json')) as Record<string, unknown>[]
    const { logs } = run([fixture('access-log/nginx.log')])
    // What was expected is older than the sample's last line.
    expect(logs.length).toBe(expected.length + 1)
    const names = [
      ['client.address', 'source.address'],
      ['http.request.method', 'http.request.method'],
      ['http.response.status_code', 'http.response.status_code'],
      ['http.response.body.size', 'http.response.body.bytes'],
      ['network.protocol.version', 'http.version'],
      ['user_agent.original', 'user_agent.original'],
    ] as const
    expect(
      logs.slice(0, -1).map((log) => [log.time, ...names.map(([ours]) => log.attributes[ours])]),
    ).toEqual(
      expected.map((event) => [
        Date.parse(event['@timestamp'] as string),
        ...names.map(([, theirs]) => String(event[theirs])),
      ]),
    )
  })

  it('are refused line by line', () => {
    const good = `127.0.0.1 - - [${time}] "GET / HTTP/1.0" 200 1`
    const { logs, out } = run([
      `${good}\nwhat is this\n127.0.0.1 - - [${time}] "GET / HTTP/1.0\n127.0.0.1 - - [31/Feb/2023:22:13:20 +0000] "GET /" 200 1\n${good}`,
    ])
    expect(logs.length).toBe(2)
    expect(out.rejected[0]!.refusals).toMatchObject([
      { position: 1, reason: 'unparseable' },
      { position: 2, reason: 'unparseable' },
      { position: 3, reason: 'invalid_timestamp' },
    ])
  })

  it('make one event or refusal a line, whatever stands in them', () => {
    const piece = fc.constantFrom(
      '127.0.0.1',
      ' - ',
      `[${time}]`,
      '"',
      '\\',
      'GET /',
      ' 200 ',
      ' 12',
      '-',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 20 }), (pieces) => {
        const settings = { formats: { raw: 'access-log' } }
        const { logs, out } = run([`127.0.0.1 - - [${time}] "${pieces.join('')}`], { settings })
        expect(logs.length + out.rejected.length).toBe(1)
      }),
      { numRuns: 1_000 },
    )
  })
})
