import { describe, expect, it } from 'vitest'
import { notYet } from '../../../../services/aggregator/rules/partials.ts'
import type { PartialBatch, Window } from '../../../../shared/avro/types.ts'
import { QuantileSketch } from '../../../../shared/sketch/sketch.ts'
import type { StreamRecord } from '../../../../shared/stream/task.ts'
import {
  begin,
  brief,
  feed,
  type Point,
  partialsOf,
  rollUpTask,
  second,
  seriesOf,
  settings,
  windowsOf,
} from '../../../support/aggregator.ts'
import type { TelemetryEvent } from '../../../support/any-telemetry.ts'
import { type Disturbances, runBothSteps } from '../../../support/both-steps.ts'
import { seededRandom } from '../../../support/random.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, topics } from '../../../support/task-context.ts'

const latencyOf = (host: string, service = 'shop') =>
  seriesOf('http.latency', { host, service, route: '/' }, 'distribution')
const at = (seconds: number, value: number, series = latencyOf('a')): Point => ({
  series,
  at: seconds,
  value,
})

/** Records in order, each written when its latest event happened. */
const events = (...records: readonly (readonly Point[])[]): readonly TelemetryEvent[] => {
  let latest = 0
  return records.map((points) => {
    latest = Math.max(latest, ...points.map((point) => point.at))
    return { source: 0, points, timestamp: begin + latest * second }
  })
}

const rolledUp = (
  log: readonly TelemetryEvent[],
  rollUps: readonly object[],
  {
    partitions = 3,
    ...more
  }: { readonly partitions?: number; readonly sizesMs?: readonly number[] } & Disturbances = {},
): readonly Window[] => {
  const config = settings({ rollUps, ...('sizesMs' in more && { sizesMs: more.sizesMs }) })
  return runBothSteps(log, config, partitions, more).second.flatMap(windowsOf)
}

const byService = { metric: 'http.latency', by: ['service'] }

describe('a roll-up', () => {
  it('has the percentiles of all samples together, whatever the partitions of their hosts', () => {
    const random = seededRandom(4)
    // A fast host with many samples, and ever slower ones with ever fewer: no average of their percentiles is right.
    const points = [900, 60, 30, 10].flatMap((count, host) =>
      Array.from({ length: count }, () =>
        at(Math.floor(random() * 10), 10 ** host * (1 + random()), latencyOf(`host-${host}`)),
      ),
    )
    const all = new QuantileSketch()
    for (const { value } of points) all.add(value as number)
    const [window, ...others] = rolledUp(events(points), [byService])
    expect(others).toEqual([])
    expect(window).toMatchObject({
      series: {
        metric: 'http.latency.by_service',
        tags: [{ key: 'service', value: 'shop' }],
        kind: 'distribution',
      },
      count: 1_000,
      sum: all.sum,
      p50: all.quantile(0.5),
      p90: all.quantile(0.9),
      p99: all.quantile(0.99),
    })
    expect(Buffer.compare(window!.sketch, all.toBytes())).toBe(0)
  })

  it('makes a series of each combination of the tags that it keeps, and of the tags that it selects', () => {
    const points = ['a', 'b'].flatMap((host) =>
      ['shop', 'bank', 'test-shop'].map((service, i) => at(1, i, latencyOf(host, service))),
    )
    const rules = [
      { metric: 'http.*', by: ['service', 'route'], where: { service: '*shop' }, name: 'shops' },
      { metric: 'http.latency', by: [] },
    ]
    const windows = rolledUp(events(points), rules)
    const told = windows.map(({ series, count }) => [
      series.metric,
      series.tags.map(({ value }) => value).join(' '),
      count,
    ])
    expect(told.sort()).toEqual([
      ['http.latency.by_all', '', 6],
      ['shops', '/ shop', 2],
      ['shops', '/ test-shop', 2],
    ])
  })

  it('of counters has gained what they have gained together, and deltas alike', () => {
    const points = ['a', 'b', 'c'].flatMap((host, i) => [
      at(1, 100, seriesOf('requests', { host }, 'counter')),
      at(6, 100 + i, seriesOf('requests', { host }, 'counter')),
      at(6, i, seriesOf('hits', { host }, 'delta')),
    ])
    const windows = rolledUp(events(points), [
      { metric: 'requests', by: [] },
      { metric: 'hits', by: [] },
    ])
    expect(windows.map(({ series, increase, rate }) => [series.metric, increase, rate]).sort()).toEqual([
      ['hits.by_all', 3, 0.3],
      ['requests.by_all', 3, 0.3],
    ])
  })

  it('is revised by late points, which replace what their partition has told before', () => {
    const log = events(
      [at(1, 1), at(1, 10, latencyOf('b'))],
      [at(12, 0), at(12, 0, latencyOf('b'))],
      [at(2, 5)],
    )
    const windows = rolledUp(log, [byService], { partitions: 1 })
    expect(brief(windows, 'count', 'sum').filter(({ from }) => from === 0)).toEqual([
      { from: 0, to: 10, revision: 0, count: 2, sum: 11 },
      { from: 0, to: 10, revision: 1, count: 3, sum: 16 },
    ])
  })

  it('has longer windows', () => {
    const log = events([at(1, 1), at(1, 10, latencyOf('b'))], [at(15, 2)], [at(62, 0)])
    const windows = rolledUp(log, [byService], { sizesMs: [10 * second, 60 * second] })
    expect(
      brief(windows, 'sum')
        .filter(({ from, to }) => from === 0 && to === 60)
        .at(-1),
    ).toMatchObject({
      sum: 13,
    })
  })

  it('misses nothing when a leap of time ends several windows at once', () => {
    const hosts = ['a', 'b', 'c', 'd'].map((host) => latencyOf(host))
    const log = events(
      hosts.map((series) => at(5, 1, series)),
      hosts.map((series) => at(11, 2, series)),
      hosts.map((series) => at(1_000, 4, series)),
    )
    expect(brief(rolledUp(log, [byService]), 'count', 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, count: 4, sum: 4 },
      { from: 10, to: 20, revision: 0, count: 4, sum: 8 },
      { from: 1_000, to: 1_010, revision: 0, count: 4, sum: 16 },
    ])
  })

  it('waits for the partition that is furthest behind', () => {
    const hosts = ['a', 'b', 'c', 'd', 'e', 'f'].map((host) => latencyOf(host))
    const log = events(...[1, 11, 21, 31, 41].map((seconds) => hosts.map((series) => at(seconds, 1, series))))
    for (const turns of [[0], [0, 0, 1, 2], [2, 1, 0]]) {
      const windows = rolledUp(log, [byService], { turns })
      expect(windows.map(({ count, revision }) => [count, revision])).toEqual(Array(5).fill([6, 0]))
    }
  })

  it('waits for a points partition whose task is down, and not for one that is idle', () => {
    const config = settings({
      rollUps: [byService],
      sourceIdleMs: 10 * second,
      partIdleMs: 10 * second,
      latenessMs: 0,
    })
    const hosts = ['a', 'b', 'c', 'd', 'e', 'f'].map((host) => latencyOf(host))
    const log = events(...[1, 13, 23, 33, 43].map((seconds) => hosts.map((series) => at(seconds, 1, series))))
    const { first } = runBothSteps(log, config, 2)
    const home = first[0]!.sent.find(({ value }) => (value as PartialBatch).partials?.length > 0)!.partition
    const [one, other] = first.map((out) => out.sentTo(topics.partials, home))
    const asOf = (batch: PartialBatch, appendedAt: number, offset: number) =>
      record(offset, batch, { timestamp: appendedAt })
    // One partition tells its first part, and then nothing for half a minute.
    const there = [one![0]!, ...other!].map((batch, i) => asOf(batch, Math.max(begin, batch.timestamp), i))
    const closed = (entries: readonly StreamRecord<PartialBatch>[]) => {
      const out = new RecordingOutput()
      feed(rollUpTask(config), entries, out)
      return brief(windowsOf(out), 'count').map(({ to, count }) => [to, count])
    }
    expect(closed(there)).toEqual([[10, hosts.length]])
    const later = one!.slice(1).map((batch, i) => asOf(batch, begin + 100 * second, there.length + i))
    expect(closed([...there, ...later])).toEqual([10, 20, 30, 40, 50].map((to) => [to, hosts.length]))
    const idle = asOf({ ...one!.at(-1)!, watermark: one![0]!.watermark, isIdle: true }, begin + 1, 1)
    const without = [there[0]!, idle, ...there.slice(1)]
    expect(closed(without).length).toBeGreaterThan(1)
  })

  it('is told no time with the first of several records of parts', () => {
    const out = new RecordingOutput()
    out.send(topics.partials, 0, {
      partition: 0,
      partitions: 1,
      watermark: notYet,
      timestamp: 0,
      partials: [],
      isIdle: false,
    })
    expect(out.of(topics.partials)[0]!.watermark).toBe(notYet)
  })

  it('goes on when a part is damaged, which goes to the dead-letter topic', () => {
    const config = settings({ rollUps: [byService] })
    const first = runBothSteps(events([at(1, 1)], [at(12, 2)]), config, 1).first[0]!
    const log = partialsOf(first)
    const [partial, ...rest] = log[0]!.value.partials
    const aggregate = { ...partial!.aggregate, sketch: Buffer.of(9) }
    const damaged = log.with(0, {
      ...log[0]!,
      value: { ...log[0]!.value, partials: [{ ...partial!, aggregate }, ...rest] },
    })
    const out = new RecordingOutput()
    feed(rollUpTask(config), [...damaged, 'quiet'], out)
    expect(brief(windowsOf(out), 'sum')).toEqual([{ from: 10, to: 20, revision: 0, sum: 2 }])
    expect(out.rejected).toMatchObject([
      { offset: 0, reason: 'malformed_batch', refusals: [{ position: 0, reason: 'malformed_batch' }] },
    ])
  })

  it('may have more parts than fit into a record, which are all there at its end', () => {
    const points = Array.from({ length: 1_200 }, (_, i) => at(1, i, latencyOf(`host-${i}`)))
    const windows = rolledUp(events(points, [at(12, 0)]), [{ metric: 'http.latency', by: ['host'] }])
    const first = windows.filter(({ start }) => start === begin)
    expect(first).toHaveLength(1_200)
    expect(first.every(({ count, revision }) => count === 1 && revision === 0)).toBe(true)
  })
})
