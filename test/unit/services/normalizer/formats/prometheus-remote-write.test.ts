import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flawOf } from '../../../../../services/aggregator/batch-flaw.ts'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'
import { normalize, now } from '../../../../support/normalize.ts'
import { toProtobuf } from '../../../../support/otlp.ts'
import { packed, writeRequest, writeRequest2 } from '../../../../support/remote-write.ts'
import { topics } from '../../../../support/task-context.ts'

const read = (...messages: readonly Buffer[]) =>
  normalize(messages, { settings: { formats: { raw: 'prometheus-remote-write' } } })

const labels = (name: string, more: Readonly<Record<string, string>> = {}) =>
  Object.entries({ __name__: name, ...more }).map(([label, value]) => ({ name: label, value }))

const native = {
  countInt: 21,
  sum: 3.5,
  schema: 1,
  zeroThreshold: 1e-4,
  zeroCountInt: 2,
  negativeSpans: [{ offset: 3, length: 1 }],
  negativeDeltas: [4],
  positiveSpans: [
    { offset: -1, length: 2 },
    { offset: 3, length: 1 },
  ],
  positiveDeltas: [5, -5, 10],
  timestamp: now,
}

/** Of version 2: labels are texts, which are put into the list of symbols. */
function request2(
  series: readonly { readonly labels: readonly string[]; readonly unit?: string; readonly type?: number }[],
) {
  const symbols = ['']
  const place = (text: string) => {
    const known = symbols.indexOf(text)
    return known < 0 ? symbols.push(text) - 1 : known
  }
  const timeseries = series.map(({ labels: texts, unit = '', type = 0, ...samples }) => ({
    labelsRefs: texts.map(place),
    metadata: { type, unitRef: place(unit) },
    ...samples,
  }))
  return writeRequest2({ symbols, timeseries })
}

describe('Prometheus remote write 1', () => {
  const request = writeRequest({
    timeseries: [
      {
        labels: labels('http_requests_total', { code: '200', job: 'a' }),
        samples: [
          { value: 5, timestamp: now - 1_000 },
          { value: 7.5, timestamp: now },
        ],
        exemplars: [{ labels: labels('x'), value: 1, timestamp: now }],
      },
      { labels: labels('up', { job: 'a' }), samples: [{ value: 1, timestamp: now }] },
    ],
  })

  it.each([
    ['in snappy', packed(request)],
    ['without', request],
  ])('is read %s', (_, bytes) => {
    const { points, out } = read(bytes)
    expect(out.rejected).toEqual([])
    expect(points).toEqual([
      ['http_requests_total,code=200,job=a', now - 1_000, 5],
      ['http_requests_total,code=200,job=a', now, 7.5],
      ['up,job=a', now, 1],
    ])
  })

  it('tells counters by the end of their names', () => {
    const names = ['a_total', 'b_seconds_bucket', 'b_seconds_sum', 'b_seconds_count', 'c_bytes']
    const timeseries = names.map((name) => ({
      labels: labels(name),
      samples: [{ value: 1, timestamp: now }],
    }))
    const { series } = read(packed(writeRequest({ timeseries })))
    expect(series.map(({ metric, kind, unit }) => [metric, kind, unit])).toEqual([
      ['a_total', 'counter', ''],
      ['b_seconds_bucket', 'counter', ''],
      ['b_seconds_sum', 'counter', ''],
      ['b_seconds_count', 'counter', ''],
      ['c_bytes', 'gauge', 'By'],
    ])
  })

  it('believes the metadata of the same request', () => {
    const timeseries = ['queue_count', 'temperature', 'h_bucket'].map((name) => ({
      labels: labels(name),
      samples: [{ value: 1, timestamp: now }],
    }))
    const metadata = [
      { metricFamilyName: 'queue_count', type: 2 },
      { metricFamilyName: 'temperature', type: 2, unit: 'celsius' },
      { metricFamilyName: 'h', type: 3 },
    ]
    const { series } = read(packed(writeRequest({ timeseries, metadata })))
    expect(series.map(({ kind, unit }) => [kind, unit])).toEqual([
      ['gauge', ''],
      ['gauge', 'Cel'],
      ['counter', ''],
    ])
  })

  it('takes native histograms', () => {
    const timeseries = [
      { labels: labels('h_seconds', { a: 'b' }), histograms: [native] },
      { labels: labels('g'), histograms: [{ ...native, resetHint: 3 }] },
      {
        labels: labels('f'),
        histograms: [
          {
            countFloat: 3,
            sum: 9,
            schema: 0,
            zeroCountFloat: 0,
            positiveSpans: [{ offset: 0, length: 2 }],
            positiveCounts: [1, 2],
            timestamp: now,
          }, // prettier-ignore
        ],
      },
    ]
    const { histograms, series, out } = read(packed(writeRequest({ timeseries })))
    expect(out.rejected).toEqual([])
    expect(series.map(({ kind, unit }) => [kind, unit])).toEqual([
      ['counter', 's'],
      ['gauge', ''],
      ['counter', ''],
    ])
    expect(histograms).toMatchObject([
      {
        series: 'h_seconds,a=b',
        time: now,
        form: 'exponential',
        scale: 1,
        count: 21,
        sum: 3.5,
        zeroCount: 2,
        negativeOffset: 2,
        negativeCounts: [4],
        positiveOffset: -2,
        positiveCounts: [5, 0, 0, 0, 0, 10],
      }, // prettier-ignore
      { series: 'g' },
      { series: 'f', positiveOffset: -1, positiveCounts: [1, 2] },
    ])
  })

  it('passes over the marker that ends a series, but refuses NaN', () => {
    const marked = (bits: bigint) => {
      const bytes = writeRequest({
        timeseries: [
          { labels: labels('a'), samples: [{ value: 123.456, timestamp: now }] },
          { labels: labels('b'), samples: [{ value: 1, timestamp: now }] },
        ],
      })
      const value = Buffer.alloc(8)
      value.writeDoubleLE(123.456)
      bytes.writeBigUInt64LE(bits, bytes.indexOf(value))
      return packed(bytes)
    }
    const stale = read(marked(0x7ff0_0000_0000_0002n))
    expect(stale.points).toEqual([['b', now, 1]])
    expect(stale.out.rejected).toEqual([])
    const noNumber = read(marked(0x7ff8_0000_0000_0001n))
    expect(noNumber.points).toEqual([['b', now, 1]])
    expect(noNumber.out.rejected).toMatchObject([{ reason: 'not_finite', refusals: [{ position: 0 }] }])
  })
})

describe('Prometheus remote write 2', () => {
  const sample = { samples: [{ value: 3, timestamp: now, startTimestamp: now - 5_000 }] }

  it.each([
    ['in snappy', packed],
    ['without', (bytes: Buffer) => bytes],
  ])('is read %s, with types and units', (_, pack) => {
    const names: readonly (readonly [string, number, string])[] = [
      ['requests', 1, ''],
      ['temperature', 2, 'celsius'],
      ['h_seconds_bucket', 3, 'seconds'],
      ['q_bucket', 4, ''],
      ['s_count', 5, ''],
      ['s', 5, ''],
      ['i_total', 6, ''],
      ['unknown_total', 0, ''],
      ['unknown', 0, ''],
    ]
    const message = request2(
      names.map(([name, type, unit]) => ({ labels: ['__name__', name, 'job', 'a'], type, unit, ...sample })),
    ) // prettier-ignore
    const { points, series, out } = read(pack(message), pack(message))
    expect(out.rejected).toEqual([])
    expect(points).toHaveLength(18)
    expect(points[0]).toEqual(['requests,job=a', now, 3])
    expect(series.map(({ metric, kind, unit }) => [metric, kind, unit])).toEqual([
      ['requests', 'counter', ''],
      ['temperature', 'gauge', 'Cel'],
      ['h_seconds_bucket', 'counter', 's'],
      ['q_bucket', 'gauge', ''],
      ['s_count', 'counter', ''],
      ['s', 'gauge', ''],
      ['i_total', 'gauge', ''],
      ['unknown_total', 'counter', ''],
      ['unknown', 'gauge', ''],
    ])
  })

  it('takes histograms with bounds of their own', () => {
    const histogram = {
      countInt: 10,
      sum: 20,
      schema: -53,
      positiveSpans: [
        { offset: 1, length: 1 },
        { offset: 1, length: 1 },
      ],
      positiveDeltas: [4, 2],
      customValues: [1, 2, 5],
      timestamp: now,
    }
    const { histograms } = read(
      packed(request2([{ labels: ['__name__', 'h'], ...{ histograms: [histogram] } }])),
    )
    expect(histograms).toMatchObject([
      { series: 'h', form: 'explicit', bounds: [1, 2, 5], counts: [0, 4, 0, 6], count: 10, sum: 20 },
    ])
  })

  it('knows a series again whatever the places of its symbols', () => {
    const one = writeRequest2({
      symbols: ['', '__name__', 'a', 'b'],
      timeseries: [
        { labelsRefs: [1, 2], ...sample },
        { labelsRefs: [1, 3], ...sample },
      ],
    }) // prettier-ignore
    const two = writeRequest2({
      symbols: ['', 'a', 'b', '__name__'],
      timeseries: [
        { labelsRefs: [3, 2], ...sample },
        { labelsRefs: [3, 1], ...sample },
      ],
    }) // prettier-ignore
    expect(read(one, two).points.map(([series]) => series)).toEqual(['a', 'b', 'b', 'a'])
  })

  it('is not mixed up with version 1 in one topic', () => {
    const one = writeRequest({ timeseries: [{ labels: labels('a', { x: 'y' }), ...sample }] })
    const two = request2([{ labels: ['__name__', 'b'], ...sample }])
    expect(read(one, two, one, two).points.map(([series]) => series)).toEqual(['a,x=y', 'b', 'a,x=y', 'b'])
  })

  it('refuses series whose labels are not there', () => {
    const { points, out } = read(
      writeRequest2({
        symbols: ['', '__name__', 'a'],
        timeseries: [
          { labelsRefs: [1, 9], ...sample },
          { labelsRefs: [1, 2], ...sample },
          { labelsRefs: [1], ...sample },
        ], // prettier-ignore
      }),
    )
    expect(points).toHaveLength(1)
    expect(out.rejected[0]!.refusals.map(({ position, reason }) => [position, reason])).toEqual([
      [0, 'unparseable'],
      [2, 'unparseable'],
    ])
  })
})

describe('Prometheus remote write and bad input', () => {
  const one = (series: object) => packed(writeRequest({ timeseries: [series] }))
  const histogram = (more: object) => one({ labels: labels('h'), histograms: [{ ...native, ...more }] })

  it.each<[string, Buffer, string]>([
    ['no snappy', Buffer.from('hello world'), 'unparseable'],
    [
      'snappy that is cut off',
      packed(writeRequest({ timeseries: [{ labels: labels('a') }] })).subarray(0, 12),
      'unparseable',
    ],
    ['a claim of four gigabytes', Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x00]), 'too_large'],
    [
      'a message that is cut off',
      writeRequest({ timeseries: [{ labels: labels('a') }] }).subarray(0, 15),
      'unparseable',
    ],
    [
      'a series without a name',
      one({ labels: [{ name: 'a', value: 'b' }], samples: [{ value: 1, timestamp: now }] }),
      'invalid_name',
    ],
    ['infinity', one({ labels: labels('a'), samples: [{ value: Infinity, timestamp: now }] }), 'not_finite'],
    [
      'seconds',
      one({ labels: labels('a'), samples: [{ value: 1, timestamp: now / 1_000 }] }),
      'timestamp_too_old',
    ],
    ['an unknown schema', histogram({ schema: 9 }), 'invalid_histogram'],
    ['fewer buckets than spans say', histogram({ positiveDeltas: [1] }), 'invalid_histogram'],
    ['less than nothing in a bucket', histogram({ positiveDeltas: [-1, 1, 1] }), 'invalid_histogram'],
    ['half a sample', histogram({ countInt: undefined, countFloat: 1.5 }), 'invalid_histogram'],
    [
      'spans far apart',
      histogram({
        positiveSpans: [
          { offset: 0, length: 2 },
          { offset: 2_000_000_000, length: 1 },
        ],
      }),
      'invalid_histogram',
    ],
    [
      'a span that claims much',
      histogram({ positiveSpans: [{ offset: 0, length: 4_000_000_000 }] }),
      'invalid_histogram',
    ],
    [
      'buckets beyond their bounds',
      histogram({ schema: -53, customValues: [1], positiveSpans: [{ offset: 0, length: 3 }] }),
      'invalid_histogram',
    ],
  ])('refuses %s', (_, bytes, reason) => {
    const { points, histograms, out } = read(bytes)
    expect([...points, ...histograms]).toEqual([])
    expect(out.rejected).toMatchObject([{ reason }])
  })

  it('takes a request that unpacks to what any record may, and none that is larger', () => {
    const message = writeRequest({
      timeseries: [{ labels: labels('a'), samples: [{ value: 1, timestamp: now }] }],
    })
    const within = (maxUnpackedBytes: number) =>
      normalize([packed(message)], { settings: { maxUnpackedBytes } })
    expect(within(message.length).points).toHaveLength(1)
    const { points, out } = within(message.length - 1)
    expect(points).toEqual([])
    expect(out.rejected).toMatchObject([
      {
        reason: 'too_large',
        detail: `it unpacks to more than ${message.length - 1} bytes (normalizer.maxUnpackedBytes)`,
      },
    ])
  })

  it('throws nothing but refusals and hands on nothing that the aggregator refuses, whatever comes', () => {
    const samples = [{ value: 1, timestamp: now }]
    const seeds = [
      writeRequest({ timeseries: [{ labels: labels('a', { b: 'c' }), samples, histograms: [native] }] }),
      request2([{ labels: ['__name__', 'a'], ...{ samples, histograms: [native] } }]),
    ]
    const change = fc.record({ at: fc.nat(200), byte: fc.nat(255), cut: fc.boolean() })
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(change, { maxLength: 4 }),
        fc.boolean(),
        (seed, changes, pack) => {
          let bytes: Buffer = Buffer.from(seed)
          for (const { at, byte, cut } of changes) {
            bytes[at % bytes.length] = byte
            if (cut) bytes = bytes.subarray(0, Math.max(1, at % bytes.length))
          }
          const { out } = read(pack ? packed(bytes) : bytes)
          for (const batch of out.of(topics.points)) expect(flawOf(batch)).toBeUndefined()
        },
      ),
      { numRuns: 500 },
    )
  })

  it.each<[string, Buffer, string | undefined]>([
    ['version 1', packed(writeRequest({ timeseries: [{ labels: labels('a') }] })), 'prometheus-remote-write'],
    [
      'version 1 unpacked',
      writeRequest({ timeseries: [{ labels: labels('a') }] }),
      'prometheus-remote-write',
    ],
    [
      'metadata alone',
      packed(writeRequest({ metadata: [{ metricFamilyName: 'a', type: 1 }] })),
      'prometheus-remote-write',
    ],
    ['version 2', packed(request2([{ labels: ['__name__', 'a'] }])), 'prometheus-remote-write'],
    ['version 2 unpacked', request2([{ labels: ['__name__', 'a'] }]), 'prometheus-remote-write'],
    [
      'OTLP',
      toProtobuf('metrics', {
        resourceMetrics: [
          {
            resource: { attributes: [{ key: 'a', value: { stringValue: 'b' } }] },
            scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asDouble: 1 }] } }] }],
          },
        ],
      }),
      'otlp-metrics',
    ],
    ['text in snappy', packed(Buffer.from('m v=1 1700000000000000000')), undefined],
  ])('%s is recognized', (_, bytes, name) => {
    expect(formats.find((format) => format.recognizes(new Payload(bytes, {})))?.name).toBe(name)
    for (const format of formats)
      if (format.name === name) expect(format.recognizes(new Payload(bytes, {}))).toBe(true)
    const others = formats.filter((format) => format.recognizes(new Payload(bytes, {})))
    expect(others.map((format) => format.name)).toEqual(name ? [name] : [])
  })
})
