import { expect, test } from 'vitest'
import type { NormalizerConfig } from '../../../../../../services/normalizer/config.ts'
import { normalize, now } from '../../../../../support/normalize.ts'
import { toProtobuf } from '../../../../../support/otlp.ts'

const time = { timeUnixNano: `${now}999999` }
const attribute = (key: string, value: object) => ({ key, value })

const message = (metrics: readonly object[], resource: readonly object[] = [], scope: object = {}) => ({
  resourceMetrics: [{ resource: { attributes: resource }, scopeMetrics: [{ scope, metrics }] }],
})

/** Through JSON and protobuf, which must agree. */
function read(json: object, settings: Partial<NormalizerConfig> = {}) {
  const found = normalize([JSON.stringify(json)], { settings })
  const ofBytes = normalize([toProtobuf('metrics', json)], { settings })
  expect(ofBytes.points).toEqual(found.points)
  expect(ofBytes.histograms).toEqual(found.histograms)
  expect(ofBytes.series).toEqual(found.series)
  expect(ofBytes.exemplars).toEqual(found.exemplars)
  expect(ofBytes.out.rejected.map(({ reason, detail }) => [reason, detail])).toEqual(
    found.out.rejected.map(({ reason, detail }) => [reason, detail]),
  )
  return found
}

const point = { ...time, asDouble: 1.5 }
const cumulative = { aggregationTemporality: 2 }
const delta = { aggregationTemporality: 1 }
const counted = { ...time, count: '3', sum: 6, explicitBounds: [1, 5], bucketCounts: ['1', '1', '1'] }

test.each<readonly [string, object, string]>([
  ['a gauge', { gauge: { dataPoints: [point] } }, 'gauge'],
  [
    'a cumulative sum that only grows',
    { sum: { ...cumulative, isMonotonic: true, dataPoints: [point] } },
    'counter',
  ],
  ['a cumulative sum that may fall', { sum: { ...cumulative, dataPoints: [point] } }, 'gauge'],
  ['a delta sum', { sum: { ...delta, isMonotonic: true, dataPoints: [point] } }, 'delta'],
  ['a delta sum that may fall', { sum: { ...delta, dataPoints: [point] } }, 'delta'],
  ['a delta histogram', { histogram: { ...delta, dataPoints: [counted] } }, 'distribution'],
  ['a cumulative histogram', { histogram: { ...cumulative, dataPoints: [counted] } }, 'counter'],
  [
    'an exponential histogram',
    { exponentialHistogram: { ...delta, dataPoints: [{ ...time, count: '1', zeroCount: '1' }] } },
    'distribution',
  ],
  ['a summary', { summary: { dataPoints: [{ ...time, count: '1', sum: 1 }] } }, 'counter'],
])('The series of %s says what its numbers mean.', (_, data, kind) => {
  const { series } = read(message([{ name: 'a.metric', unit: 'ms', ...data }]))
  expect(series).toMatchObject([{ metric: 'a.metric', unit: 'ms', kind }])
})

test.each<readonly [string, object, readonly unknown[]]>([
  ['a double', point, [now, 1.5]],
  ['an integer', { ...time, asInt: '-42' }, [now, -42]],
  ['an integer of 0', { ...time, asInt: '0' }, [now, 0]],
  ['a point without a time', { asInt: '1' }, [now, 1]],
])('%s is a point.', (_, dataPoint, expected) => {
  expect(read(message([{ name: 'm', gauge: { dataPoints: [dataPoint] } }])).points).toEqual([
    ['m', ...expected],
  ])
})

test('JSON may write numbers as texts, texts as numbers, and enums by name.', () => {
  const sum = {
    aggregationTemporality: 'AGGREGATION_TEMPORALITY_DELTA',
    isMonotonic: true,
    unknown: {},
    dataPoints: [
      { timeUnixNano: now * 1e6, asInt: 7 },
      { ...time, asDouble: '2.5' },
    ],
  }
  const { points, series } = normalize([JSON.stringify(message([{ name: 'm', sum }]))])
  expect(points.map(([, at, value]) => [Math.abs(Number(at) - now) <= 1, value])).toEqual([
    [true, 7],
    [true, 2.5],
  ])
  expect(series).toMatchObject([{ kind: 'delta' }])
})

test.each<readonly [string, object, string]>([
  ['NaN', { ...time, asDouble: 'NaN' }, 'not_finite'],
  ['infinity', { ...time, asDouble: '-Infinity' }, 'not_finite'],
  ['no value', time, 'unparseable'],
  ['a time in the future', { timeUnixNano: `${now + 86_400_000}000000`, asInt: '1' }, 'timestamp_in_future'],
  [
    'attributes without a key',
    { ...point, attributes: [attribute('', { stringValue: 'x' })] },
    'invalid_name',
  ],
  ['an attribute nested too deep', { ...point, attributes: [attribute('a', nested(30))] }, 'too_deep'],
])('A point with %s is refused, and the others are taken.', (_, bad, reason) => {
  const { points, out } = read(message([{ name: 'm', gauge: { dataPoints: [point, bad, point] } }]))
  expect(points).toHaveLength(2)
  expect(out.rejected).toMatchObject([{ reason, refusals: [{ position: 1, reason }] }])
})

test('A point with a time that is none is refused.', () => {
  const dataPoints = [point, { asInt: '1', timeUnixNano: 'noon' }]
  const { points, out } = normalize([JSON.stringify(message([{ name: 'm', gauge: { dataPoints } }]))])
  expect(points).toHaveLength(1)
  expect(out.rejected).toMatchObject([{ reason: 'invalid_timestamp', refusals: [{ position: 1 }] }])
})

test('Positions count data points over all metrics; a metric that cannot be read is one.', () => {
  const bad = { ...time, asDouble: 'NaN' }
  const gauge = (...dataPoints: readonly object[]) => ({ name: 'm', gauge: { dataPoints } })
  const { out } = read(
    message([
      gauge(point, bad),
      { name: 'nothing' },
      { name: 'm', sum: { dataPoints: [point] } },
      gauge(bad),
    ]),
  )
  expect(out.rejected[0]!.refusals.map(({ position }) => position)).toEqual([1, 2, 3, 4])
})

test('A point without a recorded value is passed over.', () => {
  const { points, out } = read(
    message([{ name: 'm', gauge: { dataPoints: [{ ...time, flags: 1 }, point] } }]),
  )
  expect([points.length, out.rejected.length]).toEqual([1, 0])
})

test('Values of all types are tags.', () => {
  const attributes = [
    attribute('text', { stringValue: 'ä' }),
    attribute('yes', { boolValue: true }),
    attribute('no', { boolValue: false }),
    attribute('whole', { intValue: '-5' }),
    attribute('large', { intValue: '9007199254740993' }),
    attribute('broken', { doubleValue: 0.5 }),
    attribute('bytes', { bytesValue: 'AQID' }),
    attribute('list', { arrayValue: { values: [{ intValue: '1' }, { stringValue: 'b' }, {}] } }),
    attribute('map', { kvlistValue: { values: [attribute('__proto__', { boolValue: true })] } }),
    attribute('none', {}),
  ]
  const { series } = read(message([{ name: 'm', gauge: { dataPoints: [{ ...point, attributes }] } }]))
  expect(Object.fromEntries(series[0]!.tags.map(({ key, value }) => [key, value]))).toEqual({
    text: 'ä',
    yes: 'true',
    no: 'false',
    whole: '-5',
    large: '9007199254740993',
    broken: '0.5',
    bytes: 'AQID',
    list: '[1,"b",null]',
    map: '{"__proto__":true}',
  })
})

test('Tags come from the point, its scope, and what is chosen of its resource, the nearest first.', () => {
  const text = (key: string, stringValue: string) => attribute(key, { stringValue })
  const resource = [
    text('service.name', 'checkout'),
    text('service.instance.id', 'i-1'),
    text('k8s.pod.name', 'p'),
    text('k8s.pod.uid', 'u'),
    text('process.pid', '17'),
    text('host.name', 'of the resource'),
  ]
  const scope = { name: 'library', attributes: [text('tenant', 't'), text('both', 'scope')] }
  const dataPoint = { ...point, attributes: [text('host.name', 'of the point'), text('both', 'point')] }
  const sent = message([{ name: 'm', gauge: { dataPoints: [dataPoint] } }], resource, scope)
  const tagsOf = (settings: Partial<NormalizerConfig>) =>
    read(sent, settings).series[0]!.tags.map(({ key, value }) => `${key}=${value}`)
  expect(tagsOf({})).toEqual([
    'both=point',
    'host.name=of the point',
    'k8s.pod.name=p',
    'service.instance.id=i-1',
    'service.name=checkout',
    'tenant=t',
  ])
  expect(tagsOf({ resourceTags: ['*.pid', 'otel.scope.name'] })).toEqual([
    'both=point',
    'host.name=of the point',
    'otel.scope.name=library',
    'process.pid=17',
    'tenant=t',
  ])
})

test('Series with other attributes, units or resources are kept apart, also when they come again.', () => {
  const text = (key: string, stringValue: string) => attribute(key, { stringValue })
  const with_ = (...attributes: readonly object[]) => ({ ...point, attributes })
  const dataPoints = [
    with_(text('a', '1b'), text('c', 'd')),
    with_(text('a', '1'), text('bc', 'd')),
    with_(text('a', '1b'), text('c', 'd')),
    with_(),
  ]
  const one = message([{ name: 'm', gauge: { dataPoints } }], [text('service.name', 'x')])
  const other = message([{ name: 'm', gauge: { dataPoints } }], [text('service.name', 'y')])
  const { points } = read({
    resourceMetrics: [...one.resourceMetrics, ...other.resourceMetrics, ...one.resourceMetrics],
  })
  const of = (service: string) => [
    `m,a=1b,c=d,service.name=${service}`,
    `m,a=1,bc=d,service.name=${service}`,
    `m,a=1b,c=d,service.name=${service}`,
    `m,service.name=${service}`,
  ]
  expect(points.map(([series]) => series)).toEqual([...of('x'), ...of('y'), ...of('x')])
})

test('An attribute of JSON cannot pass for one that is known by number.', () => {
  const forged = { key: 'a', value: { stringValue: '1' }, number: 0, text: 'x' }
  const dataPoints = [
    { ...point, attributes: [attribute('b', { stringValue: '2' })] },
    { ...point, attributes: [forged] },
  ]
  const { points } = normalize([JSON.stringify(message([{ name: 'm', gauge: { dataPoints } }]))])
  expect(points.map(([series]) => series)).toEqual(['m,b=2', 'm,a=1'])
})

test('A histogram keeps its buckets, or its totals when it has none.', () => {
  const dataPoints = [
    { ...counted, min: 0.5, max: 9 },
    { ...time, count: '4', sum: 8 },
  ]
  const { histograms } = read(message([{ name: 'm', histogram: { ...delta, dataPoints } }]))
  expect(histograms).toMatchObject([
    { time: now, form: 'explicit', count: 3, sum: 6, min: 0.5, max: 9, bounds: [1, 5], counts: [1, 1, 1] },
    { form: 'explicit', count: 4, sum: 8, min: null, max: null, bounds: [], counts: [4] },
  ])
})

test('An exponential histogram keeps scale, offsets and both sides.', () => {
  const dataPoint = {
    ...time,
    count: '6',
    sum: -2,
    scale: -1,
    zeroCount: '1',
    zeroThreshold: 0.1,
    positive: { offset: -3, bucketCounts: ['1', '0', '2'] },
    negative: { offset: 2, bucketCounts: ['2'] },
  }
  const { histograms } = read(
    message([{ name: 'm', exponentialHistogram: { ...cumulative, dataPoints: [dataPoint] } }]),
  )
  expect(histograms).toMatchObject([
    {
      form: 'exponential',
      count: 6,
      sum: -2,
      scale: -1,
      zeroCount: 1,
      positiveOffset: -3,
      positiveCounts: [1, 0, 2],
      negativeOffset: 2,
      negativeCounts: [2],
    },
  ])
})

test('A summary keeps its quantiles, ascending.', () => {
  const quantileValues = [{ quantile: 0.99, value: 9 }, { quantile: 0.5, value: 2 }, { value: 1 }]
  const { histograms } = read(
    message([{ name: 'm', summary: { dataPoints: [{ ...time, count: '4', sum: 12, quantileValues }] } }]),
  )
  expect(histograms).toMatchObject([
    { form: 'summary', count: 4, sum: 12, bounds: [0, 0.5, 0.99], values: [1, 2, 9] },
  ])
})

test('A histogram that contradicts itself is refused, before it could spoil its batch.', () => {
  const dataPoints = [counted, { ...counted, bucketCounts: ['1'] }]
  const { histograms, out } = read(message([{ name: 'm', histogram: { ...delta, dataPoints } }]))
  expect(histograms).toHaveLength(1)
  expect(out.rejected).toMatchObject([{ reason: 'invalid_histogram', refusals: [{ position: 1 }] }])
})

function nested(depth: number): object {
  return depth === 0 ? { stringValue: 'x' } : { arrayValue: { values: [nested(depth - 1)] } }
}

const traceId = '5b8efff798038103d269b633813fc60c'
const spanId = 'eee19b7ec3c1b174'
/** Ids as JSON has them; protobuf takes bytes. */
const measured = (some: object = {}) => ({ traceId, spanId, timeUnixNano: `${now - 500}999999`, ...some })
const exemplar = { traceId, spanId, value: 7.5, time: now - 500 }

test.each<readonly [string, object]>([
  ['a gauge', { gauge: { dataPoints: [{ ...point, exemplars: [measured({ asDouble: 7.5 })] }] } }],
  [
    'a sum',
    {
      sum: {
        ...delta,
        dataPoints: [{ ...point, exemplars: [measured({ asDouble: 7.5 }), measured({ asInt: '7' })] }],
      },
    },
  ],
  [
    'a histogram',
    { histogram: { ...delta, dataPoints: [{ ...counted, exemplars: [measured({ asDouble: 7.5 })] }] } },
  ],
  [
    'an exponential histogram',
    {
      exponentialHistogram: {
        ...delta,
        dataPoints: [{ ...time, count: '1', zeroCount: '1', exemplars: [measured({ asDouble: 7.5 })] }],
      },
    },
  ],
])('Of the exemplars of %s the highest is kept.', (_, data) => {
  expect(read(message([{ name: 'm', ...data }])).exemplars).toEqual([['m', now, exemplar]])
})

test.each<readonly [string, unknown]>([
  ['without a trace', [{ asDouble: 1 }]],
  ['of a trace of zeros', [measured({ traceId: '0'.repeat(32), asDouble: 1 })]],
  ['that is not finite', [measured({ asDouble: 'NaN' })]],
  ['of an hour ago', [measured({ asDouble: 1, timeUnixNano: `${now - 3_600_000}000000` })]],
  ['that is none', ['x', null, measured({ asDouble: {} }), measured({ timeUnixNano: 'noon' })]],
  ['that is no list', 'x'],
])('A point is taken without an exemplar %s.', (_, exemplars) => {
  const json = message([{ name: 'm', gauge: { dataPoints: [{ ...point, exemplars }] } }])
  const found = normalize([JSON.stringify(json)])
  expect(found.points).toHaveLength(1)
  expect(found.exemplars).toEqual([])
})
