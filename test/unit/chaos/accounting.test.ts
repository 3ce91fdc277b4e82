import { describe, expect, it } from 'vitest'
import type { Window } from '../../../shared/avro/types.ts'
import type { Findings } from '../../chaos/accounting/findings.ts'
import { accountLogs } from '../../chaos/accounting/logs.ts'
import { accountRows } from '../../chaos/accounting/rows.ts'
import { expectedWindows } from '../../chaos/accounting/views.ts'
import { accountWindows } from '../../chaos/accounting/windows.ts'
import { Ledger } from '../../chaos/ledger.ts'
import { tick } from '../../chaos/telemetry.ts'
import { begin, run, settings, written } from '../../support/aggregator.ts'
import { seededRandom } from '../../support/random.ts'

const size = 2_000
const tagsOf = (host: string) => [
  { key: 'host', value: host },
  { key: 'region', value: 'east' },
]
const point = (host: string, time: number, value: number) => ({
  metric: 'm.latency',
  tags: tagsOf(host),
  time,
  value,
})

function ledgerOf(...points: readonly ReturnType<typeof point>[]): Ledger {
  const ledger = new Ledger()
  ledger.addPoints(points)
  return ledger
}

/** A right window of these values. */
function windowOf(
  host: string,
  start: number,
  values: readonly number[],
  changes: Partial<Window> = {},
): Window {
  const sorted = values.toSorted((a, b) => a - b)
  const sum = values.reduce((total, value) => total + value, 0)
  const quantile = (q: number) => sorted[Math.ceil(q * sorted.length) - 1]!
  return {
    series: { metric: 'm.latency', tags: tagsOf(host), kind: 'gauge', unit: '' },
    start,
    sizeMs: size,
    stepMs: size,
    revision: 0,
    count: values.length,
    sum,
    min: sorted[0]!,
    max: sorted.at(-1)!,
    mean: sum / values.length,
    rate: values.length / 2,
    p50: quantile(0.5),
    p90: quantile(0.9),
    p95: quantile(0.95),
    p99: quantile(0.99),
    increase: null,
    numerator: null,
    denominator: null,
    distinct: null,
    members: null,
    exemplar: null,
    sketch: Buffer.alloc(0),
    ...changes,
  }
}

const figures = ({ checked, lost, doubled, wrong }: Findings) => ({ checked, lost, doubled, wrong })

describe('expectedWindows', () => {
  const ledger = ledgerOf(
    point('a', 3_999, 2),
    point('a', 2_000, 1),
    point('a', 4_000, 3),
    point('b', 2_500, 9),
  )

  it('holds of a counter the rate of each reading but the first, in the order of time', () => {
    const reading = (time: number) => ({ ...point('a', time, time), metric: 'm.uptime' })
    const readings = ledgerOf(reading(4_100), reading(3_900), reading(1_000), reading(4_100), reading(3_000))
    expect(
      [...expectedWindows(readings, [size], []).values()].map(({ start, values }) => [start, values]),
    ).toEqual([
      [2_000, [1_000, 1_000]],
      [4_000, [1_000]],
    ])
  })

  it('holds the values of each series in each window, ascending', () => {
    const windows = [...expectedWindows(ledger, [size], []).values()]
    expect(windows.map(({ series, start, values }) => [series.tags[0]!.value, start, values])).toEqual([
      ['a', 2_000, [1, 2]],
      ['a', 4_000, [3]],
      ['b', 2_000, [9]],
    ])
  })

  it('puts series together by the tags of a roll-up, in each length', () => {
    const rule = { field: 'latency', by: ['region'], as: 'latency_by_region' }
    const rolledUp = [...expectedWindows(ledger, [size, 60_000], [rule]).values()].filter(
      ({ series }) => series.metric === 'm.latency_by_region',
    )
    expect(rolledUp.map(({ series, start, sizeMs, values }) => [series.tags, start, sizeMs, values])).toEqual(
      [
        [[{ key: 'region', value: 'east' }], 2_000, size, [1, 2, 9]],
        [[{ key: 'region', value: 'east' }], 4_000, size, [3]],
        [[{ key: 'region', value: 'east' }], 0, 60_000, [1, 2, 3, 9]],
      ],
    )
  })
})

describe('accountWindows', () => {
  const ledger = ledgerOf(point('a', 100, 1), point('a', 200, -4), point('b', 300, 7))
  const expected = expectedWindows(ledger, [size], [])
  const right = [windowOf('a', 0, [1, -4]), windowOf('b', 0, [7])]
  const account = (...windows: readonly Window[]) => accountWindows(expected, windows).map(figures)

  it.each<[string, readonly Window[], object]>([
    ['all as published', right, { lost: 0, doubled: 0, wrong: 0 }],
    [
      'an older revision with less',
      [windowOf('a', 0, [1]), windowOf('a', 0, [1, -4], { revision: 3 }), right[1]!],
      { lost: 0, doubled: 0, wrong: 0 },
    ],
    [
      'quantiles within 1 %',
      [windowOf('a', 0, [1, -4], { p99: 1.009 }), right[1]!],
      { lost: 0, doubled: 0, wrong: 0 },
    ],
    ['a window that is missing', [right[0]!], { lost: 1, doubled: 0, wrong: 0 }],
    ['a point that is missing', [windowOf('a', 0, [1]), right[1]!], { lost: 1, doubled: 0, wrong: 0 }],
    [
      'a point that counts twice',
      [windowOf('a', 0, [1, -4, -4]), right[1]!],
      { lost: 0, doubled: 1, wrong: 0 },
    ],
    ['the same revision twice', [...right, right[1]!], { lost: 0, doubled: 1, wrong: 0 }],
    [
      'a window of points that nobody sent',
      [...right, windowOf('c', 0, [1, 2])],
      { lost: 0, doubled: 2, wrong: 0 },
    ],
    [
      'one value in place of another',
      [windowOf('a', 0, [1, -3]), right[1]!],
      { lost: 0, doubled: 0, wrong: 1 },
    ],
    [
      'quantiles beyond 1 %',
      [windowOf('a', 0, [1, -4], { p99: 1.02 }), right[1]!],
      { lost: 0, doubled: 0, wrong: 1 },
    ],
    ['a wrong mean', [windowOf('a', 0, [1, -4], { mean: 0 }), right[1]!], { lost: 0, doubled: 0, wrong: 1 }],
  ])('finds %s', (_, windows, wanted) => {
    expect(account(...windows)).toEqual([{ checked: 2, ...wanted }])
  })

  it('tells each length apart', () => {
    const both = expectedWindows(ledger, [size, 60_000], [])
    const found = accountWindows(both, right)
    expect(found.map(({ place, lost }) => [place, lost])).toEqual([
      ['windows topic, 2 s', 0],
      ['windows topic, 60 s', 3],
    ])
  })
})

describe('accountRows', () => {
  const ledger = ledgerOf(point('a', 100, 1), point('a', 200, 4))
  const expected = expectedWindows(ledger, [size], [])
  const old = windowOf('a', 0, [1])
  const newest = windowOf('a', 0, [1, 4], { revision: 1 })
  const account = (...rows: readonly Window[]) => figures(accountRows('store', expected, [old, newest], rows))

  it.each<[string, readonly Window[], object]>([
    ['the newest revision', [newest], { lost: 0, doubled: 0, wrong: 0 }],
    ['an old revision', [old], { lost: 1, doubled: 0, wrong: 0 }],
    ['no row', [], { lost: 2, doubled: 0, wrong: 0 }],
    ['two rows', [newest, newest], { lost: 0, doubled: 2, wrong: 0 }],
    ['another revision’s number', [{ ...newest, revision: 0 }], { lost: 0, doubled: 0, wrong: 1 }],
    ['a row of another series', [newest, windowOf('b', 0, [1])], { lost: 0, doubled: 1, wrong: 0 }],
  ])('finds %s', (_, rows, wanted) => {
    expect(account(...rows)).toEqual({ checked: 1, ...wanted })
  })
})

describe('accountLogs', () => {
  const event = (id: number) => ({ id, time: 1_000 + id, service: 'api', message: `event ${id}` })
  const published = new Map([0, 1, 2].map((id) => [id, event(id)]))
  const all = [event(0), event(1), event(2)]

  it.each<[string, readonly ReturnType<typeof event>[], object]>([
    ['all once', all, { lost: 0, doubled: 0, wrong: 0 }],
    ['one missing', all.slice(1), { lost: 1, doubled: 0, wrong: 0 }],
    ['one twice', [...all, event(1)], { lost: 0, doubled: 1, wrong: 0 }],
    ['one that nobody sent', [...all, event(3)], { lost: 0, doubled: 1, wrong: 0 }],
    [
      'another message',
      [...all.slice(0, 2), { ...event(2), message: '' }],
      { lost: 0, doubled: 0, wrong: 1 },
    ],
    ['another time', [...all.slice(0, 2), { ...event(2), time: 0 }], { lost: 0, doubled: 0, wrong: 1 }],
  ])('finds %s', (_, found, wanted) => {
    expect(figures(accountLogs('store', published, found))).toEqual({ checked: 3, ...wanted })
  })
})

it('what the aggregator makes of the telemetry of a run, counters among it, is what is expected', () => {
  const random = seededRandom(3)
  const ledger = new Ledger()
  const now = 1_700_000_000_000
  const records = Array.from({ length: 400 }, (_, i) => {
    const options = { metric: 'm', partitions: 3, disorderMs: 900, lateMs: 20_000, lateShare: 0.05 }
    const points = tick(options, random, now + i * 100, 0).metrics.flatMap((message) => message.points)
    ledger.addPoints(points)
    return {
      appendedAt: (now + i * 100 - begin) / 1_000,
      points: points.map(({ metric, tags, time, value }) => ({
        series: {
          metric,
          tags,
          kind: metric === 'm.uptime' ? ('counter' as const) : ('gauge' as const),
          unit: '',
        },
        at: (time - begin) / 1_000,
        value,
      })),
    }
  })
  const config = settings({ sizesMs: [2_000, 10_000, 60_000], disorderMs: 1_000, latenessMs: 240_000 })
  const { windows } = run(config, [...written(...records), 'quiet', 'long quiet'])
  const findings = accountWindows(expectedWindows(ledger, config.sizesMs, []), windows)
  expect(findings.flatMap(({ examples }) => examples)).toEqual([])
  expect(findings.every(({ isClean, checked }) => isClean && checked > 20)).toBe(true)
})
