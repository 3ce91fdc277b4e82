import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flawOf } from '../../../../../services/aggregator/batch-flaw.ts'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'
import { normalize, now } from '../../../../support/normalize.ts'
import { topics } from '../../../../support/task-context.ts'

const fixture = (name: string) => readFileSync(`test/fixtures/prometheus-text/${name}`)

const read = (text: string | Buffer, headers: Readonly<Record<string, Buffer>> = {}) =>
  normalize([text], { headers, settings: { formats: { raw: 'prometheus-text' } } })

describe('Prometheus text', () => {
  it.each<[string, string, readonly (readonly [string, number])[]]>([
    ['a sample without a type', 'up{job="a"} 1\n', [['up,job=a', 1]]],
    ['a name alone', 'up 1', [['up', 1]]],
    ['blanks and tabs', '  up \t{ job = "a" , } \t 1  \n\n', [['up,job=a', 1]]],
    [
      'CRLF',
      '# TYPE up gauge\r\nup{a="b"} 1\r\nup{a="c"} 2\r\n',
      [
        ['up,a=b', 1],
        ['up,a=c', 2],
      ],
    ], // prettier-ignore
    ['escapes', 'm{p="C:\\\\dir\\n\\"x\\"",q="}{,="} 1', [['m,p=C:\\\\dir\n"x",q=}{\\,\\=', 1]]],
    [
      'names in quotes',
      '{"http.requests","service.name"="a b",x="y"} 3',
      [['http.requests,service.name=a b,x=y', 3]],
    ], // prettier-ignore
    ['exponents', 'm 1.458255915e9', [['m', 1_458_255_915]]],
    ['empty labels left out', 'm{a="",b="1"} 1', [['m,b=1', 1]]],
    ['other comments', '# a note\n#\n# EOF is near\nm 1\n# EOF', [['m', 1]]],
    ['an exemplar', 'm_total{a="b"} 17 # {trace_id="KOO5S4vxi0o"} 0.67', [['m_total,a=b', 17]]],
  ])('takes %s', (_, text, expected) => {
    const { points, out } = read(text)
    expect(out.rejected).toEqual([])
    expect(points).toEqual(expected.map(([series, value]) => [series, now, value]))
  })

  it.each([
    ['milliseconds', '1700000000123', 1_700_000_000_123],
    ['seconds with a fraction', '1700000000.123', 1_700_000_000_123],
    ['seconds and a start time', '1700000000.5 st@1600000000.1', 1_700_000_000_500],
    [
      'seconds and an exemplar with a time of its own',
      '1700000000 # {a="b"} 1 1600000000',
      1_700_000_000_000,
    ],
  ])('reads timestamps in %s', (_, text, time) => {
    expect(read(`m{a="b"} 5 ${text}`).points).toEqual([['m,a=b', time, 5]])
  })

  it.each<[string, string, object | undefined]>([
    [
      'a trace',
      '{trace_id="KOO5S4vxi0o"} 0.67',
      { traceId: 'KOO5S4vxi0o', spanId: null, value: 0.67, time: now },
    ],
    [
      'a trace, a span and a time',
      `{a="}",span_id="s",trace_id="t"} 1e3 ${now / 1_000 - 7.5}`,
      { traceId: 't', spanId: 's', value: 1_000, time: now - 7_500 },
    ],
    ['the names of Jaeger’s clients', '{traceID="t"} 2', { traceId: 't', spanId: null, value: 2, time: now }],
    ['no trace', '{user="u"} 1', undefined],
    ['an empty trace', '{trace_id=""} 1', undefined],
    ['a trace that is no id', '{trace_id="a b"} 1', undefined],
    ['a trace that is too long', `{trace_id="${'t'.repeat(129)}"} 1`, undefined],
    ['no number', '{trace_id="t"} x', undefined],
    ['no value', '{trace_id="t"}', undefined],
    ['a time that is none', '{trace_id="t"} 1 noon', undefined],
    ['infinity', '{trace_id="t"} +Inf', undefined],
    ['more behind it', '{trace_id="t"} 1 2 3', undefined],
    ['labels that do not end', '{trace_id="t" 1', undefined],
    [
      'a time long ago, as of a scrape that tells it again',
      `{trace_id="t"} 1 ${now / 1_000 - 61}`,
      undefined,
    ],
  ])('takes an exemplar with %s, or its point alone', (_, text, expected) => {
    const { points, exemplars, out } = read(`m_total{a="b"} 17 # ${text}`)
    expect(out.rejected).toEqual([])
    expect(points).toEqual([['m_total,a=b', now, 17]])
    expect(exemplars).toEqual(expected ? [['m_total,a=b', now, expected]] : [])
  })

  it('keeps of a series’ exemplars in one second the highest', () => {
    const at = (ms: number, trace: string, value: number) =>
      `m{a="b"} ${value} ${now - ms} # {trace_id="${trace}"} ${value} ${(now - ms) / 1_000}`
    const lines = [at(3_400, 'low', 1), at(3_300, 'highest', 9), at(3_200, 'lower', 5), at(2_000, 'later', 2)]
    const { points, exemplars } = read(lines.join('\n'))
    expect(points).toHaveLength(4)
    expect(exemplars.map(([, time, { traceId }]) => [time, traceId])).toEqual([
      [now - 3_300, 'highest'],
      [now - 2_000, 'later'],
    ])
  })

  it('keeps of a histogram’s exemplars the highest', () => {
    const { histograms, exemplars } = read(
      [
        '# TYPE h histogram',
        'h_bucket{le="1"} 1 # {trace_id="low"} 0.5',
        'h_bucket{le="10"} 3 # {trace_id="high"} 7',
        'h_bucket{le="+Inf"} 3 # {trace_id="none"} 3',
        'h_count 3',
        'h_sum 9',
      ].join('\n'),
    )
    expect(histograms).toHaveLength(1)
    expect(exemplars).toEqual([['h', now, { traceId: 'high', spanId: null, value: 7, time: now }]])
  })

  it('hands on the kinds and units that are declared or told by the name', () => {
    const { series } = read(
      [
        '# TYPE http_requests_total counter',
        'http_requests_total 1',
        '# TYPE rpc counter',
        '# UNIT rpc milliseconds',
        'rpc_total 1',
        'rpc_created 1600000000',
        '# TYPE disk_read_bytes_total counter',
        'disk_read_bytes_total 1',
        '# HELP load the load',
        '# TYPE load gauge',
        'load 1',
        '# TYPE thing info',
        'thing_info{version="1"} 1',
        '# TYPE state stateset',
        'state{state="on"} 1',
        '# TYPE guess untyped',
        'guess 1',
        'undeclared_seconds 1',
      ].join('\n'),
    )
    expect(series.map(({ metric, kind, unit }) => [metric, kind, unit])).toEqual([
      ['http_requests_total', 'counter', ''],
      ['rpc_total', 'counter', 'ms'],
      ['disk_read_bytes_total', 'counter', 'By'],
      ['load', 'gauge', ''],
      ['thing_info', 'gauge', ''],
      ['state', 'gauge', ''],
      ['guess', 'gauge', ''],
      ['undeclared_seconds', 'gauge', 's'],
    ])
  })

  it('asks the configuration for the kind of what is not declared', () => {
    const { series } = normalize(['# TYPE a_total unknown\na_total{x="y"} 1\nb_total 1'], {
      settings: { kinds: { '*_total': 'counter' } },
    })
    expect(series.map(({ kind }) => kind)).toEqual(['counter', 'counter'])
  })

  it('makes one histogram of the buckets, sum and count of a series', () => {
    const { histograms, points, series, out } = read(
      [
        '# TYPE rpc_seconds histogram',
        'rpc_seconds_bucket{job="a",le="0.1"} 3',
        'rpc_seconds_bucket{job="a",le="+Inf"} 5',
        'rpc_seconds_bucket{le="0.5",job="a"} 3',
        'rpc_seconds_sum{job="a"} 7.5',
        'rpc_seconds_count{job="a"} 5',
        'rpc_seconds_created{job="a"} 1600000000',
        'rpc_seconds_bucket{job="b",le="+Inf"} 2',
        'rpc_seconds_sum{job="b"} 3',
      ].join('\n'),
    )
    expect(out.rejected).toEqual([])
    expect(points).toEqual([])
    expect(series.map(({ metric, kind, unit }) => [metric, kind, unit])).toEqual([
      ['rpc_seconds', 'counter', 's'],
      ['rpc_seconds', 'counter', 's'],
    ])
    expect(histograms).toMatchObject([
      {
        series: 'rpc_seconds,job=a',
        form: 'explicit',
        time: now,
        bounds: [0.1, 0.5],
        counts: [3, 0, 2],
        count: 5,
        sum: 7.5,
      }, // prettier-ignore
      { series: 'rpc_seconds,job=b', form: 'explicit', bounds: [], counts: [], count: 2, sum: 3 },
    ])
  })

  it('makes one summary of the quantiles, sum and count of a series', () => {
    const { histograms, series } = read(
      [
        '# TYPE gc summary',
        'gc{quantile="0.9"} NaN',
        'gc{quantile="0.5"} 0.25',
        'gc_sum 4',
        'gc_count 8',
        '# TYPE bare summary',
        'bare_sum 1',
        'bare_count 2',
      ].join('\n'),
    )
    expect(series.map(({ kind }) => kind)).toEqual(['counter', 'counter'])
    expect(histograms).toMatchObject([
      { series: 'gc', form: 'summary', bounds: [0.5, 0.9], values: [0.25, Number.NaN], count: 8, sum: 4 },
      { series: 'bare', form: 'summary', bounds: [], values: [], count: 2, sum: 1 },
    ])
  })

  it('keeps the readings of one series at several times apart', () => {
    const { histograms } = read(
      [
        '# TYPE h histogram',
        'h_bucket{le="+Inf"} 1 1700000000',
        'h_sum 1 1700000000',
        'h_bucket{le="+Inf"} 3 1700000010',
        'h_sum 9 1700000010',
      ].join('\n'),
    )
    expect(histograms.map(({ time, count, sum }) => [time, count, sum])).toEqual([
      [1_700_000_000_000, 1, 1],
      [1_700_000_010_000, 3, 9],
    ])
  })

  it('reads a histogram of gauges as what is there now', () => {
    const { series, histograms } = read(
      '# TYPE q gaugehistogram\nq_bucket{le="1"} 4\nq_bucket{le="+Inf"} 6\nq_gcount 6\nq_gsum 9',
    )
    expect(series[0]).toMatchObject({ metric: 'q', kind: 'gauge' })
    expect(histograms[0]).toMatchObject({ bounds: [1], counts: [4, 2], count: 6, sum: 9 })
  })

  it('reads the composite values of the draft of OpenMetrics 2.0', () => {
    const { series, histograms, out } = read(
      [
        '# TYPE classic histogram',
        'classic{a="b"} {count:17,sum:3.5,bucket:[0.1:8,1.0:14,+Inf:17]} 1700000000.5 st@1600000000',
        '# TYPE native histogram',
        'native {count:21,sum:3.5,schema:1,zero_threshold:1e-4,zero_count:2,negative_spans:[3:1],negative_buckets:[4],positive_spans:[-1:2,3:1],positive_buckets:[5,0,10],bucket:[+Inf:21]} # {a="b"} 1 1',
        '# TYPE short summary',
        'short {count:2,sum:3,quantile:[0.5:1,0.99:2]}',
        '# TYPE level gaugehistogram',
        'level {gcount:2,gsum:3,bucket:[1:1,+Inf:2]}',
      ].join('\n'),
    )
    expect(out.rejected).toEqual([])
    expect(series.map(({ metric, kind }) => [metric, kind])).toEqual([
      ['classic', 'counter'],
      ['native', 'counter'],
      ['short', 'counter'],
      ['level', 'gauge'],
    ])
    expect(histograms).toMatchObject([
      { time: 1_700_000_000_500, form: 'explicit', bounds: [0.1, 1], counts: [8, 6, 3], count: 17, sum: 3.5 },
      {
        form: 'exponential',
        scale: 1,
        count: 21,
        zeroCount: 2,
        negativeOffset: 2,
        negativeCounts: [4],
        positiveOffset: -2,
        positiveCounts: [5, 0, 0, 0, 0, 10],
      }, // prettier-ignore
      { form: 'summary', bounds: [0.5, 0.99], values: [1, 2], count: 2, sum: 3 },
      { form: 'explicit', bounds: [1], counts: [1, 1], count: 2, sum: 3 },
    ])
  })
})

describe('Prometheus text and bad input', () => {
  it.each([
    ['a sample without a value', 'm{a="b"}', 'unparseable'],
    ['labels that do not end', 'm{a="b" 1', 'unparseable'],
    ['a label without quotes', 'm{a=b} 1', 'unparseable'],
    ['labels without commas', 'm{a="b"c="d"} 1', 'unparseable'],
    ['a word for a number', 'm{a="b"} one', 'unparseable'],
    ['more behind the timestamp', 'm 1 1700000000000 2', 'unparseable'],
    ['a composite value that does not end', 'm {count:1', 'unparseable'],
    ['NaN', 'm NaN', 'not_finite'],
    ['infinity', 'm -Inf', 'not_finite'],
    ['a timestamp that is none', 'm 1 noon', 'invalid_timestamp'],
    ['a label twice', 'm{a="1",a="2"} 1', 'duplicate_tag'],
    ['a name that is too long', `${'m'.repeat(2_000)} 1`, 'name_too_long'],
    [
      'buckets that shrink',
      '# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1',
      'invalid_histogram',
    ],
    ['a bucket without a bound', '# TYPE h histogram\nh_bucket 2', 'invalid_histogram'],
    [
      'a bucket twice',
      '# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="1"} 2\nh_count 2',
      'invalid_histogram',
    ],
    ['half a sample', '# TYPE h histogram\nh_bucket{le="+Inf"} 1.5', 'invalid_histogram'],
    ['a histogram without a count', '# TYPE h histogram\nh_sum 1', 'invalid_histogram'],
    ['samples that may be anywhere', '# TYPE h histogram\nh_bucket{le="+Inf"} 2', 'invalid_histogram'],
    ['a quantile above 1', '# TYPE s summary\ns{quantile="2"} 2\ns_count 1', 'invalid_histogram'],
    [
      'spans far apart',
      '# TYPE h histogram\nh {count:2,sum:1,schema:0,zero_count:0,positive_spans:[0:1,2000000000:1],positive_buckets:[1,1]}',
      'invalid_histogram',
    ],
    [
      'a span far out',
      '# TYPE h histogram\nh {count:1,sum:1,schema:8,zero_count:0,positive_spans:[2000000000:1],positive_buckets:[1]}',
      'invalid_histogram',
    ],
    [
      'fewer buckets than spans say',
      '# TYPE h histogram\nh {count:1,sum:1,schema:0,positive_spans:[0:2],positive_buckets:[1]}',
      'invalid_histogram',
    ],
    ['a composite value of other things', '# TYPE h histogram\nh {count:1,__proto__:1}', 'invalid_histogram'],
  ])('refuses %s', (_, text, reason) => {
    const { out, points, histograms } = read(text)
    expect([...points, ...histograms]).toEqual([])
    expect(out.rejected).toMatchObject([{ reason }])
  })

  it('refuses the bad lines alone, with their positions', () => {
    const text = [
      '# TYPE h histogram',
      'h_bucket{le="1"} 5',
      'h_bucket{le="+Inf"} 4',
      '# TYPE m gauge',
      'm{a="1"} 1',
      'm{a="2"} x',
      'm{a="3"} 3',
    ].join('\n')
    const { out, points } = read(text)
    expect(points.map(([series]) => series)).toEqual(['m,a=1', 'm,a=3'])
    expect(out.rejected[0]?.refusals.map(({ position, reason }) => [position, reason])).toEqual([
      [1, 'invalid_histogram'],
      [5, 'unparseable'],
    ])
  })

  it('takes of a record that comes again only what was refused', () => {
    const text =
      '# TYPE h histogram\nh_bucket{le="1"} 5\nh_bucket{le="+Inf"} 6\n# TYPE m gauge\nm 1\nm{a="b"} 2'
    const redriven = (positions: string) =>
      read(text, {
        'tidemark-redriven-from': Buffer.from('telemetry.deadletter/0/1'),
        'tidemark-timestamp': Buffer.from(String(now)),
        'tidemark-positions': Buffer.from(positions),
      })
    expect(redriven('1').histograms).toHaveLength(1)
    expect(redriven('1').points).toEqual([])
    expect(redriven('5')).toMatchObject({ histograms: [], points: [['m,a=b', now, 2]] })
  })

  it('throws nothing but refusals and hands on nothing that the aggregator refuses, whatever comes', () => {
    const piece = fc.constantFrom(
      ...['# TYPE h histogram\n', '# TYPE s summary\n', '# TYPE c counter\n', '# UNIT c seconds\n'],
      ...['h_bucket{le="1"}', 'h_bucket{le="+Inf"}', 'h_sum', 'h_count', 's{quantile="0.5"}', 's_count', 'c'],
      ...[
        ' 1',
        ' 5',
        ' NaN',
        ' -1',
        ' 1e300',
        ' 0.5',
        '\n',
        '{',
        '}',
        '"',
        '\\',
        '# {',
        ' {count:2,',
        'schema:3,',
      ],
      ...[
        'positive_spans:[1:2]',
        ',positive_buckets:[1,1]}',
        'bucket:[1:1,+Inf:2]}',
        '__proto__',
        ' 1700000000',
      ],
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 30 }), (pieces) => {
        const { out } = read(pieces.join(''))
        for (const batch of out.of(topics.points)) expect(flawOf(batch)).toBeUndefined()
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('what real exporters answer', () => {
  it.each([
    ['node-exporter-textfile.prom', 2, 4],
    ['telegraf-multiple.openmetrics', 2, 2],
    ['telegraf-histogram.openmetrics', 0, 1],
    ['dotnet-application.prom', 43, 6],
  ])('%s is recognized and read', (name, points, histograms) => {
    const found = normalize([fixture(name)])
    expect(found.out.rejected).toEqual([])
    expect(found.points).toHaveLength(points)
    expect(found.histograms).toHaveLength(histograms)
    const payload = new Payload(fixture(name), {})
    expect(formats.filter((format) => format.recognizes(payload))[0]?.name).toBe('prometheus-text')
  })
})
