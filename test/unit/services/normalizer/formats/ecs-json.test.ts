import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { now, normalize as run } from '../../../../support/normalize.ts'

const fixtures = join(import.meta.dirname, '../../../../fixtures/ecs-json')
const base = { '@timestamp': '2023-11-14T22:13:20.000Z' }

describe('ECS JSON of Filebeat', () => {
  it('from its nginx module is read with all fields, the request and its severity', () => {
    const text = readFileSync(join(fixtures, 'filebeat-nginx-access.json'), 'utf8')
    const source = JSON.parse(text) as Record<string, unknown>[]
    const { logs, out } = run([text])
    expect(out.rejected).toEqual([])
    expect(logs.length).toBe(source.length)
    expect(logs[1]).toMatchObject({
      time: Date.parse('2016-10-25T12:49:34Z'),
      service: 'nginx.access',
      level: 'warn',
      message: 'GET /favicon.ico HTTP/1.1',
    })
    for (const [i, { attributes }] of logs.entries()) {
      const { '@timestamp': _, ...rest } = source[i]!
      const texts = Object.entries(rest).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ])
      expect(attributes).toEqual(Object.fromEntries(texts))
    }
  })

  it.each([
    [
      'a severity of syslog',
      { message: 'x', log: { syslog: { severity: { code: 3 } } } },
      { level: 'error' },
    ],
    [
      'a level before a status',
      { message: 'x', log: { level: 'debug' }, http: { response: { status_code: 500 } } },
      { level: 'debug' },
    ],
    [
      'a status',
      { message: 'x', http: { response: { status_code: 502 } } },
      { level: 'error', message: 'x' },
    ],
    [
      'an error alone',
      { error: { message: 'boom' } },
      { message: 'boom', attributes: { 'error.message': 'boom' } },
    ],
    ['the line before it was taken apart', { event: { original: 'raw' } }, { message: 'raw' }],
    ['the type of the service', { message: 'x', service: { type: 'redis' } }, { service: 'redis' }],
    ['a transaction', { message: 'x', transaction: { id: 't' } }, { spanId: 't' }],
    ['digits as a time', { '@timestamp': String(now + 5), message: 'x' }, { time: now + 5 }],
    ['a time that is null', { '@timestamp': null, message: 'x' }, { time: now }],
    [
      'numbers, flags, lists and nothing',
      { message: 'x', a: { b: 1.5, c: true, d: [{ e: 1 }], f: null, g: '' } },
      {
        attributes: { 'a.b': '1.5', 'a.c': 'true', 'a.d': '[{"e":1}]', 'a.g': '' },
      },
    ],
  ])('is read with %s', (_, event, expected) => {
    expect(run([JSON.stringify({ ...base, ...event })]).logs).toMatchObject([expected])
  })

  it('refuses an event that has a time and nothing else', () => {
    expect(run([JSON.stringify(base)]).out.rejected[0]!.reason).toBe('empty')
  })

  it('keeps no names of those who never send the same twice', () => {
    const names = Array.from({ length: 300 }, (_, i) => [`k${i}`, 'v'])
    const values = Array.from({ length: 50 }, (_, i) =>
      JSON.stringify({
        ...base,
        ...Object.fromEntries(names.map(([name, value]) => [`${name}-${i}`, value])),
      }),
    )
    const { logs } = run(values)
    expect(Object.keys(logs[49]!.attributes).length).toBe(257)
    expect(logs[49]!.attributes['k0-49']).toBe('v')
  })
})
