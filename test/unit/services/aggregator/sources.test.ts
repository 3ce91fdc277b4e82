import { describe, expect, it } from 'vitest'
import { AggregatorTask } from '../../../../services/aggregator/aggregator-task.ts'
import type { Metrics } from '../../../../shared/observability/metrics.ts'
import {
  brief,
  feed,
  type Point,
  pointsTask,
  restart,
  run,
  second,
  seriesOf,
  settings,
  type Written,
  windowsOf,
  written,
} from '../../../support/aggregator.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { taskContext, topics } from '../../../support/task-context.ts'

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

/** Gauges and counters of sources by the end of their names. */
async function sourcesIn(metrics: Metrics) {
  const found = (await metrics.expose()).matchAll(/^tidemark_aggregator_sources_(\w+?)(?:\{.*\})? (\d)$/gm)
  return Object.fromEntries([...found].map(([, name, value]) => [name, Number(value)]))
}

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

describe('of sources whose readers say when they are at the end', () => {
  const told = (source: number, seconds: number, more: Partial<Written> = {}) =>
    from(source, seconds, { isIdle: false, ...more })
  const says = (source: number, seconds: number, isIdle: boolean, sourceTime: number): Written => ({
    points: [],
    source,
    sources: 2,
    appendedAt: seconds,
    isIdle,
    sourceTime,
  })
  const others = Array.from({ length: 30 }, (_, i) => told(0, 2 + i * 3))
  const whole = written(
    told(1, 1),
    ...others,
    told(1, 2, { appendedAt: 100 }),
    told(1, 95, { appendedAt: 100 }),
  )
  const patient = { ...config, latenessMs: 0, maxBehindMs: 600 * second }

  it('a silent one is waited for until it is back, and nothing of it is late', () => {
    expect(tensOf(whole.slice(0, -1), patient)).toEqual([])
    const { out, windows } = run(patient, whole)
    expect(out.of(topics.late)).toEqual([])
    expect(windows.every(({ revision }) => revision === 0)).toBe(true)
    expect(brief(windows, 'count').filter(({ from }) => from === 0)).toMatchObject([
      { count: 2 },
      { count: 3 },
      {},
      {},
    ])
  })

  it('one that has said that it is idle is no longer waited for', () => {
    const log = written(told(1, 1), says(1, 3, true, 1), ...others.slice(1, 6))
    expect(tensOf(log, patient).slice(0, 1)).toEqual([[0, 1]])
  })

  it('one whose points go elsewhere moves time on', () => {
    expect(tensOf(written(told(0, 1), told(0, 14), says(1, 14, false, 13)), patient)).toEqual([[0, 1]])
    expect(tensOf(written(told(0, 1), told(0, 14), says(1, 14, false, 4_000)), patient)).toEqual([])
  })

  it('one that stays away for longer than the bound is given up, which is counted, and what it brings is late', () => {
    const hasty = { ...patient, maxBehindMs: 60 * second }
    const { out, windows } = run(hasty, whole)
    expect(brief(windows, 'count').slice(0, 2)).toMatchObject([
      { from: 0, count: 1 },
      { from: 0, count: 3 },
    ])
    expect(out.of(topics.late).map(({ values }) => values)).toEqual([[2]])
  })

  it('both is seen in metrics', async () => {
    const context = taskContext({ topic: 'telemetry.points' })
    const { metrics } = context
    let now = 0
    const hasty = { ...patient, maxBehindMs: 60 * second }
    const task = new AggregatorTask(hasty, topics, { ...context, now: () => (now += 2 * second) })
    const out = new RecordingOutput()
    const never = { idle: 0, idled_total: 0 }
    feed(task, whole.slice(0, 3), out)
    expect(await sourcesIn(metrics)).toEqual({ ...never, behind: 0, abandoned_total: 0 })
    feed(task, whole.slice(3, 12), out)
    expect(await sourcesIn(metrics)).toEqual({ ...never, behind: 1, abandoned_total: 0 })
    feed(task, whole.slice(12), out)
    expect(await sourcesIn(metrics)).toEqual({ ...never, behind: 0, abandoned_total: 1 })
  })

  it('an idle one is seen in metrics once, until it writes again', async () => {
    const context = taskContext({ topic: 'telemetry.points' })
    let now = 0
    const task = new AggregatorTask(patient, topics, { ...context, now: () => (now += 2 * second) })
    const out = new RecordingOutput()
    const log = written(told(1, 1), says(1, 3, true, 1), ...others.slice(1, 6), told(1, 36), told(0, 37))
    const well = { behind: 0, abandoned_total: 0 }
    feed(task, log.slice(0, 3), out)
    expect(await sourcesIn(context.metrics)).toEqual({ ...well, idle: 0, idled_total: 0 })
    feed(task, log.slice(3, -2), out)
    expect(await sourcesIn(context.metrics)).toEqual({ ...well, idle: 1, idled_total: 1 })
    feed(task, log.slice(-2), out)
    expect(await sourcesIn(context.metrics)).toEqual({ ...well, idle: 0, idled_total: 1 })
    task.close()
    expect(await sourcesIn(context.metrics)).toEqual({ abandoned_total: 0, idled_total: 1 })
  })

  it.each([
    ['while it is silent', 10],
    ['when it has been given up', 26],
  ])('a restart changes nothing: %s', (_, at) => {
    const hasty = { ...patient, maxBehindMs: 60 * second }
    const wanted = run(hasty, whole).windows
    const out = new RecordingOutput()
    const running = pointsTask(hasty)
    feed(running, whole.slice(0, at), out)
    const next = restart(running, whole.slice(0, at), out, (memo) => pointsTask(hasty, memo))!
    feed(next, whole.slice(at), out)
    expect(windowsOf(out)).toEqual(wanted)
  })

  describe('in a quiet time', () => {
    const log = written(told(0, 1), told(1, 1), told(0, 5))
    const idle = [says(0, 6, true, 5), says(1, 6, true, 1)]

    it('windows are not closed, early or not, before all have said that they are idle', () => {
      expect(run(patient, [...log, 'long quiet']).windows).toEqual([])
      const one = written(told(0, 1), told(1, 1), told(0, 5), ...idle.slice(0, 1))
      expect(run(patient, [...one, 'long quiet']).windows).toEqual([])
      const both = written(told(0, 1), told(1, 1), told(0, 5), ...idle)
      expect(tensOf([...both, 'quiet'], patient)).toEqual([
        [0, 2],
        [0, 1],
      ])
    })

    it('that lasts longer than the bound, they are closed, and a restart knows of it', () => {
      const out = new RecordingOutput()
      const running = pointsTask(patient)
      feed(running, log, out)
      running.quiet!.at(-1)!.act(out)
      const closed = windowsOf(out)
      expect(brief(closed, 'count').map(({ to, count }) => [to, count])).toEqual([
        [10, 2],
        [10, 1],
        [60, 2],
        [60, 1],
        [3_600, 2],
        [3_600, 1],
      ])
      const next = restart(running, log, out, (memo) => pointsTask(patient, memo))!
      feed(next, ['long quiet'], out)
      for (const step of next.quiet!) step.act(out)
      expect(windowsOf(out)).toEqual(closed)
      // The one that was given up holds nobody back.
      const more = written(...log.map(() => told(0, 1)), told(0, 12), told(0, 23)).slice(-2)
      feed(next, more, out)
      expect(brief(windowsOf(out).slice(closed.length), 'count')).toContainEqual({
        from: 10,
        to: 20,
        revision: 0,
        count: 1,
      })
    })
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
