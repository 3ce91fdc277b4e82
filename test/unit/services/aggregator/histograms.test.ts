import { describe, expect, it } from 'vitest'
import type { Histogram } from '../../../../shared/avro/types.ts'
import { QuantileSketch } from '../../../../shared/sketch/sketch.ts'
import {
  batchOf,
  brief,
  histogramOf,
  type Point,
  run,
  second,
  seriesOf,
  settings,
  written,
} from '../../../support/aggregator.ts'
import { record, topics } from '../../../support/task-context.ts'

const config = settings()

const gauge = seriesOf('m')
const latency = seriesOf('latency', { host: 'a' }, 'distribution')
const counting = seriesOf('latency', { host: 'a' }, 'counter')
const at = (seconds: number, some: Partial<Histogram>, series = latency): Point => ({
  series,
  at: seconds,
  value: histogramOf(some),
})
const tick = (seconds: number): Point => ({ series: gauge, at: seconds, value: 0 })

function sketchOf(...samples: readonly number[]): Buffer {
  const sketch = new QuantileSketch()
  for (const sample of samples) sketch.add(sample)
  return Buffer.from(sketch.toBytes())
}

/** Within half of one: more than the accuracy of a sketch at such values. */
const near = (wanted: number) => expect.closeTo(wanted, 0)

describe('a histogram of what was added', () => {
  it.each<[string, Partial<Histogram>, object]>([
    [
      'explicit buckets',
      { bounds: [10, 20], counts: [1, 98, 1], sum: 1_500, min: 5, max: 30 },
      { count: 100, sum: 1_500, min: 5, max: 30, p50: near(15), p99: near(20) },
    ],
    [
      'exponential buckets',
      // Of base 2: (8, 16] and (16, 32].
      {
        form: 'exponential',
        bounds: [],
        scale: 0,
        positiveOffset: 3,
        positiveCounts: [98, 2],
        zeroCount: 1,
        count: 101,
        sum: 1_200,
        min: 0,
        max: 20,
      },
      { count: 101, sum: 1_200, min: 0, max: 20, p50: near(32 / 3), p99: 20 },
    ],
    [
      'a summary',
      { form: 'summary', bounds: [0.5, 1], values: [10, 40], count: 100, sum: 2_000, min: 5, max: 40 },
      { count: 100, sum: 2_000, min: 5, max: 40, p50: near(10), p90: near(34) },
    ],
    [
      'a sketch',
      { form: 'sketch', bounds: [], sketch: sketchOf(1, 2, 3, 4) },
      { count: 4, sum: 10, min: 1, max: 4, p50: 2, p99: 4 },
    ],
  ])('adds its samples to the window: %s', (_, histogram, figures) => {
    const { windows } = run(config, written([at(1, histogram)], [tick(12)]))
    expect(windows).toHaveLength(1)
    expect(windows[0]).toMatchObject(figures)
  })

  it('is merged with the samples and histograms of its window, and into longer ones', () => {
    const lengths = settings({ sizesMs: [10 * second, 60 * second] })
    const log = written(
      [at(1, { form: 'sketch', bounds: [], sketch: sketchOf(1, 2) }), { series: latency, at: 2, value: 3 }],
      [at(15, { form: 'sketch', bounds: [], sketch: sketchOf(4) })],
      [tick(62)],
    )
    const { windows } = run(lengths, log)
    const ofLatency = windows.filter(({ series }) => series.metric === 'latency')
    expect(brief(ofLatency, 'count', 'sum', 'p50')).toEqual([
      { from: 0, to: 10, revision: 0, count: 3, sum: 6, p50: 2 },
      { from: 10, to: 20, revision: 0, count: 1, sum: 4, p50: 4 },
      { from: 0, to: 60, revision: 0, count: 4, sum: 10, p50: 2 },
    ])
  })

  it('that is too far ahead is refused by its place after the points', () => {
    const strict = settings({ maxAheadMs: 60 * second })
    const points = [tick(1), at(61, { counts: [1, 0, 0, 0] }), at(2, { counts: [1, 0, 0, 0], sum: 1 })]
    const { out, windows } = run(strict, [...written({ points, appendedAt: 0 }), 'quiet'])
    expect(
      out.rejected.map(({ reason, refusals }) => [reason, refusals.map(({ position }) => position)]),
    ).toEqual([['timestamp_in_future', [1]]])
    expect(windows.map(({ count }) => count)).toEqual([1, 1])
  })

  it('that comes too late goes to the late topic', () => {
    const { out } = run(config, written([tick(100)], [at(1, { counts: [1, 2, 3, 4] }), tick(101)]))
    expect(out.of(topics.late)).toMatchObject([{ times: [], histograms: [{ counts: [1, 2, 3, 4] }] }])
  })
})

describe('a cumulative histogram', () => {
  it.each<[string, Partial<Histogram>, Partial<Histogram>, object]>([
    [
      'explicit buckets',
      { counts: [1, 2, 3, 4], sum: 500 },
      { counts: [1, 7, 4, 4], sum: 550 },
      { count: 6, sum: 50 },
    ],
    [
      'exponential buckets, of which the later have grown coarser',
      {
        form: 'exponential',
        bounds: [],
        scale: 1,
        positiveOffset: 0,
        positiveCounts: [1, 1, 2],
        count: 4,
        sum: 8,
      },
      {
        form: 'exponential',
        bounds: [],
        scale: 0,
        positiveOffset: 0,
        positiveCounts: [2, 2, 3],
        count: 7,
        sum: 28,
      },
      { count: 3, sum: 20 },
    ],
    [
      'a summary, whose quantiles are those of the later',
      { form: 'summary', bounds: [0.5], values: [10], count: 100, sum: 1_000 },
      { form: 'summary', bounds: [0.5], values: [20], count: 110, sum: 1_200 },
      { count: 10, sum: 200, p50: near(20) },
    ],
    [
      'buckets that have begun anew',
      { counts: [1, 2, 3, 4], sum: 500 },
      { counts: [1, 1, 0, 0], sum: 9 },
      { count: 2, sum: 9 },
    ],
    [
      'buckets with other bounds',
      { counts: [1, 2, 3, 4], sum: 500 },
      { bounds: [5], counts: [20, 30], sum: 600 },
      { count: 50, sum: 600 },
    ],
  ])('adds what came since the reading before: %s', (_, earlier, later, figures) => {
    const log = written([at(1, earlier, counting)], [at(11, later, counting)], [tick(22)])
    const { windows } = run(config, log)
    expect(brief(windows)).toEqual([{ from: 10, to: 20, revision: 0 }])
    expect(windows[0]).toMatchObject(figures)
  })

  it('moves samples to the window of a late reading, and leaves the next one empty', () => {
    const readings = [1, 11].map((seconds) => [at(seconds, { counts: [seconds, 0, 0, 0], sum: 0 }, counting)])
    const late = at(8, { counts: [11, 0, 0, 0], sum: 0 }, counting)
    const { windows } = run(config, written(...readings, [tick(22)], [late]))
    expect(brief(windows, 'count', 'rate')).toEqual([
      { from: 10, to: 20, revision: 0, count: 10, rate: 1 },
      { from: 10, to: 20, revision: 1, count: 0, rate: 0 },
      { from: 0, to: 10, revision: 1, count: 10, rate: 1 },
    ])
  })

  it('adds nothing when two readings do not say where the samples between them are', () => {
    const known = { bounds: [], min: 1, max: 3 }
    const log = written(
      [at(1, { ...known, count: 5 }, counting)],
      [at(2, { ...known, count: 9 }, counting)],
      [tick(12)],
    )
    expect(run(config, [...log, 'quiet']).windows.map(({ series }) => series.metric)).toEqual(['m'])
  })
})

it.each<[string, Partial<Histogram>, string]>([
  ['no series', { counts: [1, 0, 0, 0], seriesIndex: 7 }, 'histogram 0 belongs to series 7 of 1'],
  ['a bucket too few', { counts: [1, 0, 0] }, '3 bounds make 4 buckets, not 3'],
  [
    'bounds that do not ascend',
    { bounds: [1, 1, 2], counts: [1, 0, 0, 0] },
    'bounds are not finite and ascending',
  ],
  ['a negative count', { counts: [1, -1, 0, 0] }, '-1 is no number of samples'],
  [
    'an unknown scale',
    { form: 'exponential', bounds: [], scale: 21, positiveCounts: [1] },
    'scale 21 is none of',
  ],
  ['quantiles without values', { form: 'summary', bounds: [0.5], values: [] }, '1 quantiles have 0 values'],
  [
    'nothing to say of its samples',
    { bounds: [], count: 5 },
    'it has 5 samples and says nothing of their values',
  ],
  ['bytes that are no sketch', { form: 'sketch', sketch: Buffer.of(9, 9, 9) }, 'not a sketch'],
])('a histogram with %s goes to the dead-letter topic, and the log goes on', (_, histogram, detail) => {
  for (const series of [latency, counting]) {
    const flawed = batchOf([at(1, histogram, series)])
    const value = {
      ...flawed,
      histograms: flawed.histograms.map((one) => ({ ...one, seriesIndex: histogram.seriesIndex ?? 0 })),
    }
    const rest = written([], [{ series: gauge, at: 1, value: 5 }], [tick(12)]).slice(1)
    const { out, windows } = run(config, [record(0, value), ...rest])
    expect(out.rejected).toMatchObject([{ offset: 0, reason: 'malformed_batch' }])
    expect(out.rejected[0]!.detail).toContain(detail)
    expect(brief(windows, 'sum')).toEqual([{ from: 0, to: 10, revision: 0, sum: 5 }])
  }
})
