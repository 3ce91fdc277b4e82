import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flawOf } from '../../../../../services/aggregator/batch-flaw.ts'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'
import { unpacked } from '../../../../../shared/points/unpack.ts'
import { normalize, now } from '../../../../support/normalize.ts'
import { topics } from '../../../../support/task-context.ts'

const read = (text: string, format = 'statsd') =>
  normalize([text], { settings: { formats: { raw: format } } })

describe('StatsD', () => {
  it.each<[string, string, readonly (readonly [string, number])[]]>([
    ['a counter', 'gorets:1|c', [['gorets', 1]]],
    ['a counter of samples', 'gorets:3|c|@0.1', [['gorets', 30]]],
    ['a gauge', 'gaugor:333|g', [['gaugor', 333]]],
    ['a timer', 'glork:320|ms', [['glork', 320]]],
    [
      'several lines, blank ones and CRLF',
      'a:1|c\r\n\r\nb:2|h\n',
      [
        ['a', 1],
        ['b', 2],
      ],
    ], // prettier-ignore
    ['exponents', 'a:4.7E-5|d', [['a', 4.7e-5]]],
    [
      'several values and types on one line',
      'a:1|c:2|ms|@1:7|c|:4|g',
      [
        ['a', 1],
        ['a', 2],
        ['a', 7],
        ['a', 4],
      ],
    ], // prettier-ignore
    ['tags', 'a:1|c|#env:prod,live,url:/:id/x', [['a,env=prod,live=true,url=/:id/x', 1]]],
    ['no tags', 'a:1|c|#', [['a', 1]]],
    ['the same tag twice', 'a:1|c|#x:1,x:1', [['a,x=1', 1]]],
    [
      'packed values',
      'a:1:2.5:-3|d|#x:1',
      [
        ['a,x=1', 1],
        ['a,x=1', 2.5],
        ['a,x=1', -3],
      ],
    ], // prettier-ignore
    ['a container', 'a:1|c|#x:1|c:ci-83c0a99c', [['a,container.id=ci-83c0a99c,x=1', 1]]],
    ['fields of tomorrow', 'a:1|c|e:it-false,cn-web|card:low|#x:1', [['a,x=1', 1]]],
    ['tags in the name, as Telegraf has them', 'a,host=b,region=c:1|c', [['a,host=b,region=c', 1]]],
    ['tags in the name, as SignalFx has them', 'a[host=b,region=c]:1|c', [['a,host=b,region=c', 1]]],
  ])('takes %s', (_, text, expected) => {
    const { points, out } = read(text)
    expect(out.rejected).toEqual([])
    expect(points).toEqual(expected.map(([series, value]) => [series, now, value]))
  })

  it('hands on kinds and units', () => {
    const { series } = read('a:1|c\nb:1|g\nc:1|ms\nd:1|h\ne:1|d\nf:x|s')
    expect(series.map(({ metric, kind, unit }) => [metric, kind, unit])).toEqual([
      ['a', 'delta', ''],
      ['b', 'gauge', ''],
      ['c', 'distribution', 'ms'],
      ['d', 'distribution', ''],
      ['e', 'distribution', ''],
      ['f', 'set', ''],
    ])
  })

  describe('of a set', () => {
    const membersIn = (text: string) => read(text).points.map(([, , value]) => value)

    it('makes the same number of the same member, in all versions, and others of others', () => {
      // These are in people's windows: another hash would count each member twice.
      expect(membersIn('users:alice|s\nusers:bob|s|#region:eu\nusers:1|s\nusers:größe|s')).toEqual([
        277_187_549_804_770, 108_763_808_068_409, 71_894_108_347_524, 15_916_693_970_304,
      ])
      const names = Array.from({ length: 10_000 }, (_, i) => `user-${i}`)
      expect(new Set(membersIn(names.map((name) => `users:${name}|s`).join('\n'))).size).toBe(names.length)
    })

    it('takes any characters for one member, whatever stands beside it on the line', () => {
      const [whole] = membersIn('users:[::1]:80|s')
      expect(whole).toBeTypeOf('number')
      expect(membersIn('users:[::1]:80|s|@0.1|#a:b')).toEqual([whole])
      expect(membersIn('users:1|c:[::1]:80|s')).toEqual([1, whole])
    })

    it('keeps members apart from the values of a series of the same name', () => {
      const { out } = read('a:5|g\na:x|s\na:7|g\na:5|s')
      const [batch] = out.of(topics.points).map(unpacked)
      const kinds = batch!.seriesIndex.map((index) => batch!.series[index]!.kind)
      expect(kinds).toEqual(['gauge', 'set', 'gauge', 'set'])
    })

    it('holds no member against a range of values', () => {
      const pointRules = [{ metric: 'users', range: { max: 10 } }]
      const settings = normalizerSection.schema.parse({ pointRules, formats: { raw: 'statsd' } })
      expect(normalize(['users:alice|s'], { settings }).points).toHaveLength(1)
    })
  })

  it('counts a timer that stands for ten as ten of that value', () => {
    const { histograms, points } = read('glork:320:7|ms|@0.1')
    expect(points).toEqual([])
    expect(histograms).toMatchObject([
      { form: 'explicit', time: now, count: 10, sum: 3_200, min: 320, max: 320, bounds: [], counts: [] },
      { form: 'explicit', time: now, count: 10, sum: 70, min: 7, max: 7, bounds: [], counts: [] },
    ])
  })

  it('reads timestamps in seconds', () => {
    expect(read('a:1|c|#x:1|T1699999999').points).toEqual([['a,x=1', 1_699_999_999_000, 1]])
  })

  it('takes a gauge with a sign as a change, which is refused, or in DogStatsD as a value', () => {
    for (const text of ['a:-10|g', 'a:+4|g'])
      expect(read(text).out.rejected).toMatchObject([{ reason: 'relative_gauge' }])
    expect(read('a:-10|g', 'dogstatsd').points).toEqual([['a', now, -10]])
  })

  it('takes events and service checks of DogStatsD as log events', () => {
    const { logs, out } = read(
      [
        '_e{7,11}:Größe|a\\nb|c\\ndef|d:1699999999|h:web1|p:low|t:warning|k:key|s:source|#service:shop,live',
        '_e{5,0}:title|',
        '_sc|redis.up|2|d:1699999999|h:web1|#env:test,service:shop|m:Connection|refused',
        '_sc|disk|0',
      ].join('\n'),
      'dogstatsd',
    )
    expect(out.rejected).toEqual([])
    expect(logs.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toMatchObject([
      {
        message: 'a\nb|c\ndef',
        time: 1_699_999_999_000,
        level: 'warn',
        host: 'web1',
        service: 'shop',
        attributes: {
          'event.title': 'Größe',
          'event.priority': 'low',
          'event.source': 'source',
          live: 'true',
        },
      },
      { message: 'title', time: now, level: 'info', service: 'unknown' },
      {
        message: 'Connection|refused',
        time: 1_699_999_999_000,
        level: 'error',
        host: 'web1',
        service: 'shop',
        attributes: { 'service_check.name': 'redis.up', 'service_check.status': 'critical', env: 'test' },
      },
      { message: 'disk is ok', level: 'info' },
    ])
  })

  it.each([
    ['no type', 'a:1', 'unparseable'],
    ['no name', ':1|c', 'unparseable'],
    ['an unknown type', 'a:1|e', 'unparseable'],
    ['a word for a number', 'a:foobar|c', 'unparseable'],
    ['half a number', 'a:1d1|c', 'unparseable'],
    ['a missing value', 'a:|h', 'unparseable'],
    ['a set without a member', 'a:|s', 'unparseable'],
    ['a member of an old time', 'a:x|s|T12345', 'timestamp_too_old'],
    ['a rate of nothing', 'a:1|c|@0', 'unparseable'],
    ['a rate that is no number', 'a:1|c|@foo', 'unparseable'],
    ['a rate of next to nothing', 'a:1|ms|@1e-300', 'unparseable'],
    ['more than a double holds', 'a:1e999|c', 'not_finite'],
    ['one value of many', 'a:1:x:3|d', 'unparseable'],
    ['an old timestamp', 'a:1|c|T12345', 'timestamp_too_old'],
    ['two values of a tag', 'a:1|c|#x:1,x:2', 'duplicate_tag'],
    ['an event that is too short', '_e{5,40}:title|text', 'unparseable'],
    ['an event with lengths that are wrong', '_e{4,4}:title|text', 'unparseable'],
    ['an event of an impossible time', '_e{5,4}:title|text|d:soon', 'invalid_timestamp'],
    ['a service check of no state', '_sc|x|7', 'unparseable'],
  ])('refuses %s', (_, text, reason) => {
    const { out, points, logs } = read(text)
    expect([...points, ...logs]).toEqual([])
    expect(out.rejected).toMatchObject([{ reason }])
  })

  it('refuses the bad lines alone, with their positions', () => {
    const { points, out } = read('a:1|c\nb\nc:2|c\nd:x|c')
    expect(points.map(([series]) => series)).toEqual(['a', 'c'])
    expect(out.rejected[0]!.refusals.map(({ position }) => position)).toEqual([1, 3])
  })

  it('throws nothing but refusals and hands on nothing that the aggregator refuses, whatever comes', () => {
    const piece = fc.constantFrom(
      ...['a', ':1', ':-1.5', '|c', '|ms', '|s', '|g', '|@0.1', '|@', '|#', 'x:1', ',', '\n', '|T1700000000'],
      ...[
        '_e{1,1}:',
        'a|b',
        '_sc|',
        '|0',
        '|m:',
        '__proto__',
        '|#__proto__:x',
        ':1e308',
        '[',
        ']',
        '=',
        '|c:x',
      ],
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), (pieces) => {
        const { out } = read(pieces.join(''), 'dogstatsd')
        for (const batch of out.of(topics.points)) expect(flawOf(batch)).toBeUndefined()
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['gorets:1|c', 'statsd'],
    ['a,host=b:1|c|@0.1\nb:1|g', 'statsd'],
    ['a:1:2|ms|#env:prod', 'dogstatsd'],
    ['_e{5,4}:title|text', 'dogstatsd'],
    ['_sc|x|0', 'dogstatsd'],
    ['a:1|c|c:ci-1', 'dogstatsd'],
  ])('%s is recognized as %s', (text, name) => {
    expect(formats.find((format) => format.recognizes(new Payload(Buffer.from(text), {})))?.name).toBe(name)
  })

  it('reads the lines of Telegraf’s tests', () => {
    const lines = readFileSync('test/fixtures/statsd/telegraf-lines.txt', 'utf8')
    const { out } = read(lines, 'dogstatsd')
    const refused = out.rejected[0]!.refusals.map(({ position }) => lines.split('\n')[position])
    expect(refused).toMatchInlineSnapshot(`
      [
        "invalid.metric.type:45|e",
        "invalid.value:foobar|c",
        "invalid.value:d11|c",
        "invalid.value:1d1|c",
        "invalid.sample.rate.2:45|c|@foo",
        "cpu.time_idle:%d|c",
        "test.service.stat.missing_value:|h",
        "_sc|my.check",
        "_sc||0",
        "_sc|my.check|abc",
        "_sc|my.check|4",
        "_sc|my.check|-1",
        "_e{10,9}:test title|test text|d:21",
        "_e{10,9}:test title|test text|t:warning|d:12345|p:low|h:some.host|k:aggKey|s:source test|#tag1,tag2:test",
        "_e:title|text",
        "_e{10,10}:title|text",
        "_e{0,0}:a|a",
        "_e{5555:title|text",
        "_e{a,1}:title|text",
        "_e{1,a}:title|text",
        "_e{5,}:title|text",
        "_e{100,:title|text",
        "_e,100:title|text",
        "_e{,4}:title|text",
        "_e{}:title|text",
        "_e{,}:title|text",
        "_e{-5,5}:title|text",
        "_e{0,-5}:title|text",
        "_e:|text",
        "_e{5,4}:title|text|d:abc",
      ]
    `)
  })
})
