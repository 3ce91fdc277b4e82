import { describe, expect, it } from 'vitest'
import type { DetectorConfig } from '../../../../../services/detector/config.ts'
import type { Anomaly, Marker, Window } from '../../../../../shared/avro/types.ts'
import {
  batchOf,
  begin,
  detectorSettings,
  detectorTask,
  lastWord,
  sizeMs,
  steady,
  windowAt,
} from '../../../../support/detector.ts'
import { deployAt, maintenanceOf, markerBatch, removed, verdictOn } from '../../../../support/markers.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, topics } from '../../../../support/task-context.ts'

type Event = Window | Marker
const at = (windows: number) => begin + windows * sizeMs

/** Windows and markers, a record each, as one log. */
function run(events: readonly Event[], config: Partial<DetectorConfig> = {}) {
  const out = new RecordingOutput()
  detectorTask(detectorSettings(config)).process(
    events.map((event, i) => record(i, 'kind' in event ? markerBatch(event) : batchOf([event]))),
    out,
  )
  return out
}

const told = (events: readonly Event[], config: Partial<DetectorConfig> = {}): readonly Anomaly[] =>
  run(events, config).of(topics.anomalies)

const level = (from: number, to: number, value: number) =>
  Array.from({ length: to - from }, (_, i) => windowAt(from + i, value + (i % 3)))

describe('a maintenance', () => {
  it('keeps alarms away, and what happens in it out of what is normal', () => {
    const log = [
      ...steady(20),
      maintenanceOf(20, 40),
      ...level(20, 40, 500),
      ...steady(5, { from: 40 }),
      windowAt(45, 500),
    ]
    expect(told(log)).toMatchObject([{ state: 'open', start: at(45), expected: 101 }])
  })

  it('withdraws what was told before it was known, and is withdrawn itself', () => {
    const maintenance = maintenanceOf(20, 25)
    const log = [...steady(20), windowAt(20, 500), windowAt(21, 501)]
    expect(told([...log, maintenance])).toMatchObject([
      { state: 'open' },
      { state: 'withdrawn', revision: 1 },
    ])
    expect(told([...log, maintenance, windowAt(22, 101), removed(maintenance)]).at(-1)).toMatchObject({
      state: 'open',
      revision: 2,
      start: at(20),
    })
  })

  it('is replaced by one of the same id', () => {
    const shorter = maintenanceOf(20, 22, { id: 'm' })
    const log = [...steady(20), maintenanceOf(20, 40, { id: 'm' }), ...level(20, 24, 500)]
    expect(told(log)).toEqual([])
    expect(told([...log, shorter])).toMatchObject([{ state: 'open', start: at(22) }])
  })

  it('is about the series that it names', () => {
    const log = (marker: Marker) => [...steady(20), marker, windowAt(20, 500)]
    expect(told(log(maintenanceOf(20, 30, { metric: 'm*' })))).toEqual([])
    expect(told(log(maintenanceOf(20, 30, { metric: 'n' })))).toHaveLength(1)
    expect(told(log(maintenanceOf(20, 30, { where: { host: 'a' } })))).toHaveLength(1)
  })

  it('counts for a series that begins later, and no longer once it is over for good', () => {
    const other = (one: Window): Window => ({ ...one, series: { ...one.series, metric: 'n' } })
    const log = [
      ...steady(1),
      maintenanceOf(30, 40),
      ...steady(29, { from: 1 }).map(other),
      ...level(30, 33, 500).map(other),
      windowAt(45, 500, { metric: 'n' }),
    ]
    expect(told(log)).toMatchObject([{ start: at(45) }])
    const out = run([...log, ...[400, 450, 500].map((one) => windowAt(one, 101))], { forgetMs: 60_000 })
    expect([...out.state.keys()].filter((key) => key.startsWith('marker:'))).toEqual([])
  })
})

describe('a deploy', () => {
  const log = (deploy: Marker, bad = 25) => [...steady(bad), deploy, windowAt(bad, 500)]

  it('stands in anomalies that begin within some windows of it', () => {
    const [anomaly] = told(log(deployAt(21)))
    expect(anomaly).toMatchObject({
      deploy: { id: 'deploy-21', at: at(21), text: 'shop 2.14', share: 1 },
    })
    expect(anomaly!.message).toMatch(/; began 40 s after deploy shop 2\.14$/)
    expect(told(log(deployAt(25, { from: at(25) + 3_000, text: '' })))[0]!.message).toMatch(
      /; began with deploy deploy-25$/,
    )
  })

  it.each<[string, Marker, number]>([
    ['is long over', deployAt(21), 60],
    ['comes after it', deployAt(26), 25],
    ['is of other series', deployAt(21, { where: { service: 'shop' } }), 25],
    ['is one of those', deployAt(21, { metric: 'n' }), 25],
  ])('says nothing when it %s', (_, deploy, bad) => {
    expect(told(log(deploy, bad))[0]).toMatchObject({ deploy: null })
  })

  it('is the latest, and is told in findings too', () => {
    const out = run([...steady(25), deployAt(24), deployAt(23), windowAt(25, 500)])
    expect(out.of(topics.anomalies)[0]!.deploy).toMatchObject({ id: 'deploy-24' })
    expect(out.of(topics.findings)[0]!.deploy).toMatchObject({ id: 'deploy-24' })
  })

  it('changes nothing that is judged', () => {
    const windows = [...steady(25), windowAt(25, 500), ...steady(30, { from: 26 })]
    const without = told(windows).map(({ deploy: _, message: __, ...rest }) => rest)
    const withDeploy = told([deployAt(20), ...windows]).map(({ deploy: _, message: __, ...rest }) => rest)
    expect(withDeploy).toEqual(without)
  })
})

describe('an anomaly that was expected', () => {
  const spike = [...steady(20), windowAt(20, 130)]
  const [first] = told(spike)
  const calm = steady(15, { from: 21 })

  it('is withdrawn, and one like it is not told again', () => {
    const log = [...spike, verdictOn(first!, 'expected')]
    expect(told(log).map(({ state }) => state)).toEqual(['open', 'withdrawn'])
    expect(told([...log, ...calm, windowAt(36, 130)])).toHaveLength(2)
  })

  it('leaves others to be told: stronger ones, those to the other side, and those of other series', () => {
    const log = [...spike, verdictOn(first!, 'expected'), ...calm]
    const other = steady(36).map((one): Window => ({ ...one, series: { ...one.series, metric: 'n' } }))
    expect(told([...log, windowAt(36, 150)]).at(-1)).toMatchObject({ state: 'open', start: at(36) })
    expect(told([...log, windowAt(36, 70)]).at(-1)).toMatchObject({ state: 'open', direction: 'below' })
    expect(told([...other, ...log, windowAt(36, 130, { metric: 'n' })]).at(-1)).toMatchObject({
      state: 'open',
    })
  })

  it('is told again once that is forgotten', () => {
    const config = { feedbackHalfLifeMs: 3_600_000, forgetMs: 90 * 86_400_000 }
    const log = (windows: number) => [
      ...spike,
      verdictOn(first!, 'expected'),
      ...steady(windows, { from: 21 }),
      windowAt(21 + windows, 130),
    ]
    expect(told(log(30), config)).toHaveLength(2)
    expect(told(log(720), config)).toHaveLength(3)
  })

  it('closes when it began before what can be changed', () => {
    const long = [...steady(70), ...level(70, 99, 500)]
    const [open] = told(long)
    const log = [...long, verdictOn(open!, 'expected'), ...level(99, 105, 500)]
    expect(lastWord(told(log)).get(open!.id)).toMatchObject({ state: 'closed' })
  })

  it('is told apart from stronger ones where both are certain', () => {
    const config = { model: 'ensemble', revisableMs: 0 }
    const noise = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => windowAt(from + i, 100 + (((from + i) * 7919) % 13)))
    const begun = [...noise(0, 300), windowAt(300, 1_000)]
    const [strong] = told(begun, config)
    expect(strong!.likelihood).toBe(1)
    const log = [...begun, verdictOn(strong!, 'expected'), ...noise(301, 400)]
    const seen = (value: number, events: readonly Event[]) =>
      told([...events, windowAt(400, value)], config).filter(({ start }) => start === at(400))
    expect(seen(1_000, [...begun, ...noise(301, 400)])).toHaveLength(1)
    expect(seen(1_000, log)).toEqual([])
    expect(seen(1_300, log)).toHaveLength(1)
  })

  it('counts no more when that is taken back', () => {
    const verdict = verdictOn(first!, 'expected')
    const log = [...spike, verdict, ...calm, removed(verdict), windowAt(36, 130)]
    expect(told(log).at(-1)).toMatchObject({ state: 'open', start: at(36) })
  })
})

describe('an anomaly that was real', () => {
  it('lets less be told afterwards, and takes back that another was expected', () => {
    // Surprises of less than one in a million, but more than one in a hundred thousand.
    const [first] = told([...steady(20), windowAt(20, 130)])
    const mild = windowAt(36, 119)
    const log = [...steady(20), windowAt(20, 130)]
    const calm = steady(15, { from: 21 })
    const of = (verdict?: Marker) => told([...log, ...(verdict ? [verdict] : []), ...calm, mild]).at(-1)
    expect(of()).toMatchObject({ state: 'closed' })
    expect(of(verdictOn(first!, 'real'))).toMatchObject({ state: 'open', start: at(36) })
    expect(of(verdictOn(first!, 'expected'))).toMatchObject({ state: 'withdrawn' })
  })

  it('is not learnt while it goes on', () => {
    const begun = [...steady(70), ...level(70, 75, 500)]
    const [anomaly] = told(begun)
    const verdict = verdictOn(anomaly!, 'real')
    const rest = [...level(75, 200, 500)]
    // A new level is usual after some dozens of windows; one that was confirmed stays what it is.
    expect(lastWord(told([...begun, ...rest])).get(anomaly!.id)!.state).toBe('closed')
    expect(lastWord(told([...begun, verdict, ...rest])).get(anomaly!.id)!.state).not.toBe('closed')
  })

  it.each([
    ['robust-z-score', 70, 110],
    ['ensemble', 300, 360],
  ])(
    'is forgotten by %s although it was learnt, as long as what was known before is kept',
    (model, from, to) => {
      const config = { model, bands: true }
      const begun = [...steady(from), ...level(from, to, 500)]
      const anomaly = lastWord(told(begun, config)).values().next().value
      expect(anomaly).toMatchObject({ start: at(from) })
      const lastBand = (events: readonly Event[]) =>
        run([...events, windowAt(to, 101)], config)
          .of(topics.expectations)
          .flatMap(({ expectations }) => expectations)
          .findLast(({ windowStart }) => windowStart === at(to))!
      expect(lastBand(begun).lower).toBeGreaterThan(400)
      const { lower, upper } = lastBand([...begun, verdictOn(anomaly!, 'real')])
      expect([lower < 101, upper > 101]).toEqual([true, true])
    },
  )
})

describe('what can’t be a marker', () => {
  it('costs its record, and nothing else', () => {
    const out = run([...steady(20), { ...maintenanceOf(20, 30), to: null }, windowAt(20, 500)])
    expect(out.rejected).toMatchObject([
      { offset: 20, reason: 'malformed_batch', detail: 'a maintenance needs an end after its beginning' },
    ])
    expect(out.of(topics.anomalies)).toHaveLength(1)
  })

  it('is forgotten in time when a flood of them replaces each other', () => {
    const flood = 42_100
    const out = new RecordingOutput()
    const task = detectorTask(detectorSettings())
    task.process(
      [...steady(20)].map((window, i) => record(i, batchOf([window]))),
      out,
    )
    for (let i = 0; i < flood; i++)
      task.process([record(20 + i, markerBatch(maintenanceOf(1_000, 1_001, { id: 'm' })))], out)
    expect([...out.state.keys()].filter((key) => key.startsWith('marker:')).length).toBeLessThan(200)
    expect(task.resumePoint()!.offset).toBeGreaterThan(flood - 200)
  })

  it('is refused beyond a thousand, so that nobody can fill the memory', () => {
    const many = Array.from({ length: 1_001 }, (_, i) => maintenanceOf(20, 30, { id: `${i}` }))
    const out = run(many)
    expect(out.rejected).toMatchObject([{ offset: 1_000, reason: 'too_many_markers' }])
    expect(out.state.size).toBe(1_000)
  })
})
