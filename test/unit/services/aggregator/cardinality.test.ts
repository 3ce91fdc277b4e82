import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AggregatorTask } from '../../../../services/aggregator/aggregator-task.ts'
import type { SeriesKind } from '../../../../shared/avro/types.ts'
import {
  begin,
  brief,
  feed,
  type Point,
  run,
  second,
  seriesOf,
  settings,
  windowsOf,
  written,
} from '../../../support/aggregator.ts'
import { anyTelemetry, type TelemetryEvent } from '../../../support/any-telemetry.ts'
import { runBothSteps } from '../../../support/both-steps.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { identityOf } from '../../../support/reference.ts'
import { taskContext, topics } from '../../../support/task-context.ts'

const config = settings({ maxSeriesPerMetric: 2 })

const of = (host: string, kind: SeriesKind = 'gauge', more: Readonly<Record<string, string>> = {}) =>
  seriesOf('m', { host, region: 'north', ...more }, kind)
const at = (seconds: number, value: number, series = of('a')): Point => ({ series, at: seconds, value })
const points = (hosts: string, seconds: number, kind?: SeriesKind) =>
  [...hosts].map((host, i) => at(seconds, 2 ** i, of(host, kind)))

const hostsOf = (log: Parameters<typeof run>[1], chosen = config) =>
  run(chosen, log).windows.map(({ series, sum }) => [
    series.tags.find(({ key }) => key === 'host')!.value,
    sum,
  ])

/** What the second step makes of points in one partition. */
const overflowed = (those: readonly Point[], chosen = config) =>
  runBothSteps([{ source: 0, points: those, timestamp: begin + 10 * second }], chosen, 1).second.flatMap(
    windowsOf,
  )

describe('beyond the series that a metric may have', () => {
  it('new ones get no windows, and known ones keep theirs', () => {
    const log = written(points('abcd', 1), points('dcba', 11))
    expect(hostsOf([...log, 'quiet'])).toEqual([
      ['a', 1],
      ['b', 2],
      ['b', 4],
      ['a', 8],
    ])
  })

  it.each<SeriesKind>(['gauge', 'delta', 'distribution'])(
    'the overflow series holds all others’ samples: %s',
    (kind) => {
      const windows = overflowed(points('abcde', 1, kind))
      expect(windows).toMatchObject([
        {
          series: { metric: 'm', tags: [{ key: 'overflow', value: 'true' }], kind },
          count: 3,
          sum: 4 + 8 + 16,
        },
      ])
    },
  )

  it('roll-ups and ratios hold them too', () => {
    const rules = settings({
      maxSeriesPerMetric: 2,
      rollUps: [{ metric: 'm', by: ['region'] }],
      ratios: [
        { name: 'share', numerator: { metric: 'm', where: { host: 'd' } }, denominator: { metric: 'm' } },
      ],
    })
    const windows = overflowed(points('abcd', 1, 'delta'), rules)
    const told = windows.map(({ series, sum, numerator, denominator }) => [
      series.metric,
      sum,
      numerator,
      denominator,
    ])
    expect(told.sort()).toEqual([
      ['m', 12, null, null],
      ['m.by_region', 15, null, null],
      ['share', Number.NaN, 8, 15],
    ])
  })

  it('the overflow series and roll-ups hold what counters gained', () => {
    const rules = settings({ maxSeriesPerMetric: 2, rollUps: [{ metric: 'm', by: [] }] })
    const readings = [1, 5, 11].flatMap((seconds) =>
      [...'abcd'].map((host, i) => at(seconds, seconds * 10 ** i, of(host, 'counter'))),
    )
    const windows = overflowed(readings, rules).filter(({ start }) => start === begin)
    expect(windows.map(({ series, count, increase }) => [series.metric, count, increase])).toEqual([
      ['m.by_all', 4, 4_444],
      ['m', 2, 4_400],
    ])
  })

  it('that counters overflow is told once, not for each', () => {
    const { out } = run(config, written(points('abcd', 1, 'counter'), points('abcd', 2, 'counter')))
    expect(out.of(topics.logs)).toHaveLength(1)
  })

  it('a counter that gets room begins anew', () => {
    const short = { ...config, counterGapMs: 20 * second, stateIntervalMs: 10 * second }
    const reading = (host: string, seconds: number) => at(seconds, seconds, of(host, 'counter'))
    // The first two are silent from the beginning, until both are forgotten.
    const log = [
      [...'abc'].map((host) => reading(host, 1)),
      ...Array.from({ length: 24 }, (_, i) => [reading('c', 5 * (i + 1))]),
    ]
    const own = run(short, written(...log)).windows.map(({ start, increase }) => [
      (start - begin) / second,
      increase,
    ])
    expect(own.slice(0, 2)).toEqual([
      [60, 5],
      [70, 10],
    ])
  })

  it('totals are those without limits, whatever happens', () => {
    const rules = {
      sizesMs: [10 * second, 30 * second],
      latenessMs: 20 * second,
      // Nobody is forgotten, so nobody gets room.
      counterGapMs: 24 * 3_600 * second,
      rollUps: ['gauge', 'counter', 'delta', 'distribution', 'histogram', 'counting histogram'].map(
        (metric) => ({ metric, by: ['region'] }),
      ),
    }
    const totals = (chosen: ReturnType<typeof settings>, events: readonly TelemetryEvent[]) => {
      const last = new Map<string, object>()
      // Exemplars are those of series within the limits only.
      for (const { revision: _, ...window } of runBothSteps(events, chosen, 2).second.flatMap(windowsOf))
        if (window.series.metric.endsWith('.by_region'))
          last.set(identityOf(window), { ...window, exemplar: null })
      return last
    }
    fc.assert(
      fc.property(anyTelemetry, (events) => {
        const limited = settings({ ...rules, maxSeriesPerMetric: 1 })
        expect(totals(limited, events)).toEqual(totals(settings(rules), events))
      }),
      { numRuns: 100, interruptAfterTimeLimit: 30_000 },
    )
  })

  it('as many counters are remembered as the bound says, and those come first that came first', () => {
    const rules = settings({ maxSeriesPerMetric: 1, maxOverflowCounters: 2 })
    const readings = [1, 5].flatMap((seconds) =>
      [...'abcde'].map((host, i) => at(seconds, seconds * 10 ** i, of(host, 'counter'))),
    )
    expect(overflowed(readings, rules).map(({ increase }) => increase)).toEqual([440])
  })

  it('counters beyond the bound of those are left out and counted, in every record', async () => {
    const context = taskContext({ topic: topics.points.name })
    const rules = settings({
      maxSeriesPerMetric: 2,
      maxOverflowCounters: 0,
      rollUps: [{ metric: 'm', by: [] }],
    })
    const out = new RecordingOutput()
    const log = written(points('abcd', 1, 'counter'), points('abcd', 5, 'counter'))
    feed(new AggregatorTask(rules, topics, context), [...log, 'quiet'], out)
    expect(windowsOf(out).map(({ series }) => series.tags[0]!.value)).toEqual(['a', 'b'])
    const parts = out.of(topics.partials).flatMap(({ partials }) => partials)
    expect(parts.map(({ series }) => series.metric)).toEqual(['m.by_all'])
    // Two series in each of two records.
    expect(await context.metrics.expose()).toContain('aggregator_overflow_dropped_total 4')
    expect(out.of(topics.logs).map(({ logs }) => logs[0]!.message)).toEqual([
      'metric m has more than 2 series: new ones are left out; its tag host has 2 values here',
    ])
  })

  it('a sender’s own tag of that name is another series', () => {
    const own = (value: string, key = 'overflow') => at(1, 16, seriesOf('m', { [key]: value }))
    const { windows } = run(config, [...written([own('true'), own('true', 'overflow_')]), 'quiet'])
    expect(windows.map(({ series }) => series.tags)).toEqual([
      [{ key: 'overflow_', value: 'true' }],
      [{ key: 'overflow__', value: 'true' }],
    ])
    const both = overflowed([own('true'), ...points('abc', 1)])
    expect(both.map(({ series, sum }) => [series.tags, sum])).toEqual([
      [[{ key: 'overflow', value: 'true' }], 2 + 4],
    ])
  })

  it('an event tells which tag has exploded', () => {
    const { out } = run(config, [...written(points('abc', 1), points('def', 2)), 'quiet'])
    expect(out.of(topics.logs).flatMap(({ logs }) => logs)).toMatchObject([
      {
        service: 'tidemark-aggregator',
        level: 'warn',
        message:
          'metric m has more than 2 series: new ones are counted as overflow; its tag host has 2 values here',
        attributes: { 'event.action': 'series-overflow', metric: 'm', tag: 'host' },
      },
    ])
  })

  it('an event is told for each window, while it goes on', () => {
    const log = written(...[1, 21, 41, 61, 81].map((seconds) => points('abc', seconds)))
    expect(
      run(config, log)
        .out.of(topics.logs)
        .map(({ logs }) => logs[0]!.time),
    ).toEqual([1, 21, 41, 61, 81].map((seconds) => begin + seconds * second))
  })

  it('those that have been silent until all their windows were gone make room', () => {
    const often = { ...config, stateIntervalMs: 10 * second }
    const log = written(points('abc', 1), points('b', 30), points('b', 61), points('bc', 95))
    expect(hostsOf([...log, 'quiet'], often)).toEqual([
      ['a', 1],
      ['b', 2],
      ['b', 1],
      ['b', 1],
      ['b', 1],
      ['c', 2],
    ])
  })

  it('series of other metrics have room of their own', () => {
    const other = seriesOf('other', { host: 'z' })
    expect(hostsOf([...written([...points('abc', 1), at(1, 9, other)]), 'quiet'])).toEqual([
      ['a', 1],
      ['b', 2],
      ['z', 9],
    ])
  })
})

describe('beyond the series that a tenant may have', () => {
  const tenants = settings({ maxSeriesPerTenant: 2, tenantTag: 'customer' })
  const of = (customer: string, metric: string, host: string, value: number): Point =>
    at(1, value, seriesOf(metric, { customer, host }))
  const acme = of.bind(undefined, 'acme')

  it('new ones of any metric overflow, for this tenant alone', () => {
    const others = [of('other', 'm', 'a', 0), of('other', 'o', 'a', 0)]
    const those = [...others, acme('m', 'a', 1), acme('n', 'a', 2), acme('m', 'b', 4), acme('o', 'a', 8)]
    const own = run(tenants, [...written(those), 'quiet']).windows
    expect(own.map(({ series }) => series.metric)).toEqual(['m', 'o', 'm', 'n'])
    expect(overflowed(those, tenants).map(({ series, sum }) => [series.metric, series.tags, sum])).toEqual([
      [
        'm',
        [
          { key: 'customer', value: 'acme' },
          { key: 'overflow', value: 'true' },
        ],
        4,
      ],
      [
        'o',
        [
          { key: 'customer', value: 'acme' },
          { key: 'overflow', value: 'true' },
        ],
        8,
      ],
    ])
  })

  it('metrics of which nobody has any are left out, so that new names take no memory', async () => {
    const context = taskContext({ topic: topics.points.name })
    const out = new RecordingOutput()
    const those = [acme('m', 'a', 1), acme('m', 'b', 2), ...[1, 2, 3, 4].map((n) => acme(`new${n}`, 'a', n))]
    feed(new AggregatorTask(tenants, topics, context), [...written(those), 'quiet'], out)
    expect(out.of(topics.partials).flatMap(({ partials }) => partials)).toEqual([])
    const metrics = await context.metrics.expose()
    expect(metrics).toContain('aggregator_overflow_dropped_total 4')
    // Two, and one that stands for all others.
    expect(metrics).toContain('tidemark_aggregator_open_windows{topic="telemetry.points",partition="0"} 3')
    expect(out.of(topics.logs).flatMap(({ logs }) => logs)).toMatchObject([
      { attributes: { tenant: 'acme' } },
    ])
  })

  it('tenants that have none share one overflow series, so that new names take no memory', () => {
    const few = { ...tenants, maxSeriesPerMetric: 2 }
    const those = ['a', 'b', 'c', 'd', 'e'].map((tenant, i) => of(tenant, 'm', 'x', 2 ** i))
    expect(overflowed(those, few).map(({ series, sum }) => [series.tags, sum])).toEqual([
      [[{ key: 'overflow', value: 'true' }], 4 + 8 + 16],
    ])
  })

  it('the event names the tenant', () => {
    const { out } = run(tenants, written([acme('m', 'a', 1), acme('m', 'b', 2), acme('n', 'c', 4)]))
    expect(out.of(topics.logs)[0]!.logs[0]!).toMatchObject({
      message: 'tenant acme has more than 2 series: new ones are left out; its tag host has 2 values here',
      attributes: { tenant: 'acme', tag: 'host' },
    })
  })
})

it('each of several partitions takes its share of the series, rounded up', () => {
  const context = taskContext({ topic: topics.points.name, partitions: 3 })
  const task = new AggregatorTask(settings({ maxSeriesPerMetric: 4 }), topics, context)
  const out = new RecordingOutput()
  feed(task, [...written(points('abcd', 1)), 'quiet'], out)
  expect(brief(windowsOf(out), 'sum').map(({ sum }) => sum)).toEqual([1, 2])
})
