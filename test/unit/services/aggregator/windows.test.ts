import { describe, expect, it } from 'vitest'
import { AggregatorTask } from '../../../../services/aggregator/aggregator-task.ts'
import {
  batchOf,
  begin,
  brief,
  feed,
  type Point,
  run,
  second,
  seriesOf,
  settings,
  written,
} from '../../../support/aggregator.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../support/task-context.ts'

/** Windows of 10 s, 2 s of disorder, 20 s of lateness. */
const config = settings()

const gauge = seriesOf('m', { host: 'a' })
const at = (seconds: number, value: number, series = gauge): Point => ({ series, at: seconds, value })

describe('a window', () => {
  it('is emitted when the watermark reaches its end', () => {
    const points = [at(1, 5), at(2, 7), at(9, 6)]
    expect(run(config, written(points, [at(11.999, 1)])).windows).toEqual([])
    const { windows } = run(config, written(points, [at(12, 1)]))
    expect(brief(windows, 'count', 'sum', 'min', 'max', 'mean', 'rate', 'p50', 'p99')).toEqual([
      { from: 0, to: 10, revision: 0, count: 3, sum: 18, min: 5, max: 7, mean: 6, rate: 0.3, p50: 6, p99: 7 },
    ])
  })

  it('takes points in any order within the allowed disorder', () => {
    const { windows } = run(config, written([at(11, 1)], [at(9.5, 2)], [at(12, 3)]))
    expect(brief(windows, 'count')).toEqual([{ from: 0, to: 10, revision: 0, count: 1 }])
  })

  it('how far out of order its points come is measured from the latest of their source, not of their record', async () => {
    const context = taskContext({ topic: topics.points.name })
    const task = new AggregatorTask(config, topics, context)
    const log = written([at(1, 0), at(11, 1)], [at(11, 2), at(9.5, 2), at(10, 2)], [at(12, 3)])
    const other = written({ points: [at(3, 1)], source: 1, appendedAt: 12 })[0]!
    feed(task, [...log, { ...other, offset: 100 }], new RecordingOutput())
    const text = await context.metrics.expose()
    expect(text).toContain('tidemark_aggregator_disorder_seconds_bucket{le="2"} 1')
    expect(text).toContain('tidemark_aggregator_disorder_seconds_sum 1.5')
    expect(text).toContain('tidemark_aggregator_disorder_seconds_count 1')
  })

  it('begins with its first millisecond and ends before its last', () => {
    const { windows } = run(config, written([at(0, 1), at(9.999, 2), at(10, 4)], [at(22, 0)]))
    expect(brief(windows, 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, sum: 3 },
      { from: 10, to: 20, revision: 0, sum: 4 },
    ])
  })

  it('is one of a series: series are kept apart by their names and tags', () => {
    const others = [seriesOf('m', { host: 'b' }), seriesOf('n', { host: 'a' })]
    const { windows } = run(
      config,
      written([at(1, 1), at(1, 2, others[0]), at(1, 4, others[1])], [at(13, 0)]),
    )
    expect(windows.map(({ series, sum }) => [series.metric, series.tags[0]!.value, sum])).toEqual([
      ['m', 'a', 1],
      ['m', 'b', 2],
      ['n', 'a', 4],
    ])
  })

  it('of any length is merged from shorter ones when the watermark passes its end', () => {
    const lengths = settings({ sizesMs: [10 * second, 60 * second, 3_600 * second] })
    const { windows } = run(lengths, written([at(1, 1), at(15, 2), at(59, 4)], [at(62, 8)], [at(3_602, 0)]))
    expect(brief(windows, 'count', 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, count: 1, sum: 1 },
      { from: 10, to: 20, revision: 0, count: 1, sum: 2 },
      { from: 50, to: 60, revision: 0, count: 1, sum: 4 },
      { from: 0, to: 60, revision: 0, count: 3, sum: 7 },
      { from: 60, to: 70, revision: 0, count: 1, sum: 8 },
      { from: 60, to: 120, revision: 0, count: 1, sum: 8 },
      { from: 0, to: 3_600, revision: 0, count: 4, sum: 15 },
    ])
  })

  it('slides: one begins each step, and each holds all of its length', () => {
    const sliding = settings({ sliding: [{ sizeMs: 30 * second, stepMs: 10 * second }] })
    const { windows } = run(sliding, written([at(5, 1), at(15, 2), at(25, 3)], [at(62, 0)]))
    const moving = windows.filter(({ sizeMs }) => sizeMs === 30 * second)
    expect(brief(moving, 'sum', 'p50', 'stepMs')).toEqual([
      { from: -20, to: 10, revision: 0, sum: 1, p50: 1, stepMs: 10 * second },
      { from: -10, to: 20, revision: 0, sum: 3, p50: 1, stepMs: 10 * second },
      { from: 0, to: 30, revision: 0, sum: 6, p50: 2, stepMs: 10 * second },
      { from: 10, to: 40, revision: 0, sum: 5, p50: 2, stepMs: 10 * second },
      { from: 20, to: 50, revision: 0, sum: 3, p50: 3, stepMs: 10 * second },
    ])
  })
})

describe('a point', () => {
  it('that comes after the lateness goes to the late topic, and no other of its record', () => {
    const { out, windows } = run(config, written([at(1, 1)], [at(60, 0)], [at(2, 9), at(55, 3)], [at(75, 0)]))
    expect(out.of(topics.late)).toMatchObject([
      { times: [begin + 2 * second], values: [9], seriesIndex: [0] },
    ])
    expect(brief(windows, 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, sum: 1 },
      { from: 50, to: 60, revision: 0, sum: 3 },
      { from: 60, to: 70, revision: 0, sum: 0 },
    ])
  })

  it('is late beyond help when the watermark is as far behind its window as the lateness', () => {
    // The watermark is at 30: the window from 0 to 10 has just left, that from 10 to 20 has 10 s left.
    const { out, windows } = run(config, written([at(32, 0)], [at(9.999, 1), at(10, 2)]))
    expect(out.of(topics.late).flatMap(({ values }) => values)).toEqual([1])
    expect(brief(windows, 'sum')).toEqual([{ from: 10, to: 20, revision: 0, sum: 2 }])
  })

  it('too far ahead of the broker’s clock is refused by its place, and moves no watermark', () => {
    const strict = settings({ maxAheadMs: 60 * second })
    const early = { points: [at(1, 1), at(60.001, 2), at(10, 3)], appendedAt: 0 }
    const { out, windows } = run(strict, [...written(early, [at(2, 4)]), 'quiet'])
    const detail = `it is after ${new Date(begin + 60 * second).toISOString()}, the latest that the broker’s clock allows (aggregator.maxAheadMs)`
    expect(out.rejected).toEqual([
      {
        offset: 0,
        reason: 'timestamp_in_future',
        detail: `1 of 3 points: ${detail}`,
        refusals: [{ position: 1, reason: 'timestamp_in_future', detail }],
      },
    ])
    expect(brief(windows, 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, sum: 5 },
      { from: 10, to: 20, revision: 0, sum: 3 },
    ])
  })

  it('that is late, too late or too early is counted as such, and how far a source is ahead is told', async () => {
    const context = taskContext({ topic: topics.points.name })
    const task = new AggregatorTask(settings({ maxAheadMs: 60 * second }), topics, context)
    const log = written(
      { points: [at(1, 1), at(15, 1), at(40, 2)], appendedAt: 10 },
      // Of a window that is gone, of one that is revised, and beyond what the broker's clock allows.
      { points: [at(2, 3), at(3, 4), at(16, 5), at(81, 6), at(82, 7), at(83, 8)], appendedAt: 20 },
    )
    const source = { ...log[1]!.value.source, lastTimestamp: begin + 20 * second }
    feed(task, [log[0]!, { ...log[1]!, value: { ...log[1]!.value, source } }], new RecordingOutput())
    const lines = (await context.metrics.expose()).split('\n')
    const told = (name: string) => lines.filter((line) => line.startsWith(`tidemark_aggregator_${name}`))
    expect(told('late_points_total')).toEqual(['tidemark_aggregator_late_points_total 2'])
    expect(told('early_points_total')).toEqual(['tidemark_aggregator_early_points_total 3'])
    expect(told('revisions_total')).toEqual(['tidemark_aggregator_revisions_total 1'])
    expect(told('clock_skew_seconds')).toEqual([expect.stringMatching(/ -4$/)])
  })

  it('just as far ahead as is allowed is taken', () => {
    const strict = settings({ maxAheadMs: 60 * second })
    const { out, windows } = run(strict, [...written({ points: [at(60, 1)], appendedAt: 0 }), 'quiet'])
    expect(out.rejected).toEqual([])
    expect(brief(windows, 'sum')).toEqual([{ from: 60, to: 70, revision: 0, sum: 1 }])
  })
})

it.each([
  ['an index beyond the dictionary', { ...batchOf([at(1, 1)]), seriesIndex: [1] }],
  ['a negative index', { ...batchOf([at(1, 1)]), seriesIndex: [-1] }],
  ['columns of different lengths', { ...batchOf([at(1, 1)]), values: [] }],
  ['a value that is no number', batchOf([at(1, Number.NaN)])],
])('a record with %s is refused, and the others are taken', (_, flawed) => {
  const { out, windows } = run(config, [record(0, flawed), ...written([], [at(1, 1)], [at(12, 1)]).slice(1)])
  expect(out.rejected.map(({ offset, reason }) => [offset, reason])).toEqual([[0, 'malformed_batch']])
  expect(brief(windows, 'count')).toEqual([{ from: 0, to: 10, revision: 0, count: 1 }])
})
