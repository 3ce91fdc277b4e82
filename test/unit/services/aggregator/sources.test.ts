import { describe, expect, it } from 'vitest'
import {
  brief,
  type Point,
  run,
  second,
  seriesOf,
  settings,
  type Written,
  written,
} from '../../../support/aggregator.ts'
import { topics } from '../../../support/task-context.ts'

const config = settings({ sizesMs: [10 * second, 60 * second, 3_600 * second], sourceIdleMs: 15 * second })

const at = (seconds: number, value: number, source = 0): Point => ({
  series: seriesOf('m', { source: `${source}` }),
  at: seconds,
  value,
})
const from = (source: number, seconds: number, more: Partial<Written> = {}): Written => ({
  points: [at(seconds, seconds, source)],
  source,
  sources: 2,
  ...more,
})

const tensOf = (log: Parameters<typeof run>[1], chosen = config) =>
  brief(
    run(chosen, log).windows.filter(({ sizeMs }) => sizeMs === 10 * second),
    'count',
  ).map(({ from, count }) => [from, count])

describe('of several sources', () => {
  it('the slowest decides when a window ends', () => {
    const log = [from(0, 1), from(1, 1), from(0, 30)]
    expect(tensOf(written(...log))).toEqual([])
    expect(tensOf(written(...log, from(1, 12)))).toEqual([
      [0, 1],
      [0, 1],
    ])
  })

  it('one that was not heard of yet is waited for', () => {
    expect(tensOf(written(from(0, 1), from(0, 5), from(0, 14)))).toEqual([])
    expect(tensOf(written(from(0, 1), from(0, 5), from(0, 14), from(1, 14)))).toEqual([[0, 2]])
  })

  it('one that brings nothing while others do is no longer waited for', () => {
    const others = [2, 7, 12, 16, 18].map((seconds) => from(0, seconds))
    expect(tensOf(written(from(1, 1), ...others.slice(0, -1)))).toEqual([])
    expect(tensOf(written(from(1, 1), ...others))).toEqual([
      [0, 1],
      [0, 2],
    ])
  })

  it('one that brings old events, though its reader is not behind, is not waited for beyond the bound', () => {
    const bounded = { ...config, maxHoldBackMs: 600 * second }
    const now = (source: number, seconds: number) =>
      from(source, seconds, { readUpTo: 3_600, appendedAt: 3_600 })
    expect(tensOf(written(now(1, 3_590), now(0, 2_995), now(1, 3_595)), bounded)).toEqual([])
    const { out, windows } = run(bounded, written(now(1, 3_590), now(0, 100), now(1, 3_602), now(0, 110)))
    expect(brief(windows, 'count').at(-1)).toMatchObject({ from: 0, to: 3_600, count: 1 })
    expect(out.of(topics.late).map(({ values }) => values)).toEqual([[110]])
  })
})

describe('a backlog', () => {
  /** Two sources, each with an event every five seconds for an hour and more. */
  const seconds = Array.from({ length: 740 }, (_, i) => i * 5)
  const live = written(
    ...seconds.flatMap((now) => [0, 1].map((source) => from(source, now, { readUpTo: now }))),
  )

  it.each([
    ['one source is an hour behind the other', seconds.length],
    ['both catch up, one ten minutes behind the other', 120],
    ['both catch up side by side', 1],
  ])('gives the very windows of a live run: %s', (_, behind) => {
    const ahead = seconds.map((now) => from(1, now, { readUpTo: now }))
    const slow = seconds.map((now) => from(0, now, { readUpTo: now }))
    const order = [...ahead.slice(0, behind)]
    for (let i = 0; i < slow.length; i++) {
      order.push(slow[i]!)
      if (i + behind < ahead.length) order.push(ahead[i + behind]!)
    }
    // All of it is appended within some seconds, an hour after the first event.
    const log = written(...order.map((one, i) => ({ ...one, appendedAt: 3_700 + i / 100 })))
    const { out, windows } = run(config, log)
    const wanted = run(config, live)
    expect(out.of(topics.late)).toEqual([])
    expect(inOrder(windows)).toEqual(inOrder(wanted.windows))
    expect(windows.every(({ revision }) => revision === 0)).toBe(true)
    expect(windows.filter(({ sizeMs }) => sizeMs === 3_600 * second).map(({ count }) => count)).toEqual([
      720, 720,
    ])
  })
})

const inOrder = (windows: ReturnType<typeof run>['windows']) =>
  windows.toSorted(
    (a, b) =>
      a.sizeMs - b.sizeMs ||
      a.start - b.start ||
      (a.series.tags[0]!.value < b.series.tags[0]!.value ? -1 : 1),
  )
