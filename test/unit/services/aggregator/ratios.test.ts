import { describe, expect, it } from 'vitest'
import {
  begin,
  brief,
  type Point,
  second,
  seriesOf,
  settings,
  windowsOf,
} from '../../../support/aggregator.ts'
import type { TelemetryEvent } from '../../../support/any-telemetry.ts'
import { runBothSteps } from '../../../support/both-steps.ts'

const points = (...those: readonly Point[]): TelemetryEvent => ({
  source: 0,
  points: those,
  timestamp: begin + Math.max(...those.map(({ at }) => at)) * second,
})

/** The ratios that come of these records, over three partitions. */
const ratiosOf = (log: readonly TelemetryEvent[], some: Parameters<typeof settings>[0]) =>
  brief(runBothSteps(log, settings(some), 3).second.flatMap(windowsOf), 'numerator', 'denominator', 'mean')

const requests = (host: string, status: string) => seriesOf('requests', { host, status }, 'delta')
const errorRatio = {
  name: 'error_ratio',
  numerator: { metric: 'requests', where: { status: '5*' } },
  denominator: { metric: 'requests' },
}

describe('a ratio', () => {
  it('of hosts with different loads is that of their sums, no average', () => {
    const log = points(
      { series: requests('a', '500'), at: 1, value: 1 },
      { series: requests('a', '200'), at: 2, value: 9 },
      { series: requests('b', '503'), at: 3, value: 90 },
      { series: requests('b', '404'), at: 4, value: 10 },
    )
    expect(ratiosOf([log], { ratios: [errorRatio] })).toEqual([
      { from: 0, to: 10, revision: 0, numerator: 91, denominator: 110, mean: 91 / 110 },
    ])
  })

  it('of a longer time is that of its sums, also where a part of it has no denominator', () => {
    const log = [
      points({ series: requests('a', '200'), at: 1, value: 90 }),
      points({ series: seriesOf('errors', {}, 'delta'), at: 15, value: 5 }),
      points({ series: requests('a', '200'), at: 25, value: 10 }),
      points({ series: requests('a', '200'), at: 62, value: 1 }),
    ]
    const ratio = { name: 'r', numerator: { metric: 'errors' }, denominator: { metric: 'requests' } }
    const told = ratiosOf(log, { ratios: [ratio], sizesMs: [10 * second, 60 * second] })
    expect(told.filter(({ from, to }) => from === 0 && to === 60).at(-1)).toMatchObject({
      numerator: 5,
      denominator: 100,
      mean: 0.05,
    })
    expect(told.filter(({ from, to }) => from === 10 && to === 20)).toEqual([])
  })

  it('takes in a numerator that comes late, though there is no denominator in its short window', () => {
    const log = [
      points({ series: requests('a', '200'), at: 1, value: 90 }),
      points({ series: requests('a', '200'), at: 62, value: 1 }),
      points({ series: seriesOf('errors', {}, 'delta'), at: 45, value: 5 }),
    ]
    const ratio = { name: 'r', numerator: { metric: 'errors' }, denominator: { metric: 'requests' } }
    const told = ratiosOf(log, { ratios: [ratio], sizesMs: [10 * second, 60 * second] })
    expect(told.filter(({ from, to }) => from === 0 && to === 60).at(-1)).toMatchObject({
      numerator: 5,
      denominator: 90,
    })
  })

  it('without a denominator has no window', () => {
    const log = points({ series: seriesOf('errors', {}, 'delta'), at: 1, value: 5 })
    const ratio = { name: 'r', numerator: { metric: 'errors' }, denominator: { metric: 'requests' } }
    expect(ratiosOf([log], { ratios: [ratio] })).toEqual([])
  })

  it('without a numerator is 0', () => {
    const log = points({ series: requests('a', '200'), at: 1, value: 5 })
    expect(ratiosOf([log], { ratios: [errorRatio] })).toMatchObject([
      { numerator: 0, denominator: 5, mean: 0 },
    ])
  })

  it('of counters is that of their increases: cache hits by lookups', () => {
    const [hits, lookups] = ['hits', 'lookups'].map((metric) => seriesOf(metric, { host: 'a' }, 'counter'))
    const log = points(
      { series: hits!, at: 1, value: 1_000 },
      { series: lookups!, at: 1, value: 5_000 },
      { series: hits!, at: 6, value: 1_030 },
      { series: lookups!, at: 6, value: 5_040 },
    )
    const ratio = { name: 'hit_ratio', numerator: { metric: 'hits' }, denominator: { metric: 'lookups' } }
    expect(ratiosOf([log], { ratios: [ratio] })).toMatchObject([
      { numerator: 30, denominator: 40, mean: 0.75 },
    ])
  })

  it('of gauges is that of their means: memory used by total, however often each host tells', () => {
    const of = (host: string, metric: string, ...values: readonly number[]) =>
      values.map((value, i): Point => ({ series: seriesOf(metric, { host }), at: i + 1, value }))
    const log = points(
      ...of('a', 'used', 20, 40),
      ...of('a', 'total', 100),
      ...of('b', 'used', 50),
      ...of('b', 'total', 200, 200, 200),
    )
    const ratio = { name: 'saturation', numerator: { metric: 'used' }, denominator: { metric: 'total' } }
    expect(ratiosOf([log], { ratios: [ratio] })).toMatchObject([{ numerator: 80, denominator: 300 }])
  })

  it.each([
    ['increase', 12],
    ['sum', 12],
    ['count', 2],
    ['mean', 6],
  ])('may say which figure is summed: %s', (figure, numerator) => {
    const delta = seriesOf('d', {}, 'delta')
    const log = points(
      { series: delta, at: 1, value: 5 },
      { series: delta, at: 2, value: 7 },
      { series: seriesOf('one'), at: 1, value: 1 },
    )
    const ratio = { name: 'r', numerator: { metric: 'd', figure }, denominator: { metric: 'one' } }
    expect(ratiosOf([log], { ratios: [ratio] })).toMatchObject([{ numerator, denominator: 1 }])
  })
})

it('Apdex counts those up to the threshold in full, and up to four times it by half, over all hosts', () => {
  const durations = (host: string, ...values: readonly number[]) =>
    values.map((value): Point => ({ series: seriesOf('latency', { host }, 'distribution'), at: 1, value }))
  const log = points(...durations('a', 1, 5, 6, 20, 21), ...durations('b', 3, 100, 7, 8, 9))
  // Satisfied 1, 5, 3; tolerating 6, 20, 7, 8, 9; frustrated 21, 100.
  expect(ratiosOf([log], { apdexes: [{ name: 'apdex', metric: 'latency', threshold: 5 }] })).toEqual([
    { from: 0, to: 10, revision: 0, numerator: 5.5, denominator: 10, mean: 0.55 },
  ])
})
