import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DetectorConfig } from '../../../../../services/detector/config.ts'
import { IncidentTask } from '../../../../../services/detector/incidents/incident-task.ts'
import type { Finding, Incident, Tag } from '../../../../../shared/avro/types.ts'
import { begin, detectorSettings } from '../../../../support/detector.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../../support/task-context.ts'

const tagsOf = (tags: Readonly<Record<string, string>>): readonly Tag[] =>
  Object.entries(tags).map(([key, value]) => ({ key, value }))

/** An anomaly of `metric{tags}` that begins `at` seconds after the beginning. */
function finding(
  metric: string,
  tags: Readonly<Record<string, string>>,
  at: number,
  more: Partial<Finding> & { readonly shares?: readonly number[] } = {},
): Finding {
  const { shares, ...rest } = more
  return {
    anomalyId: `${metric}-${Object.values(tags).join('-')}-${at}`,
    revision: 0,
    state: 'open',
    series: { metric, tags: tagsOf(tags), kind: 'gauge', unit: '' },
    statistic: 'mean',
    kind: 'spike',
    severity: 'warning',
    likelihood: 0.9999999,
    score: 10,
    start: begin + at * 1_000,
    end: null,
    metricShare: 0.1,
    tagShares: shares ?? tagsOf(tags).map(() => 0.1),
    deploy: null,
    ...rest,
  }
}

const over = (one: Finding, end = begin + 600_000): Finding => ({ ...one, revision: 1, state: 'closed', end })
const withdrawn = (one: Finding): Finding => ({ ...one, revision: 2, state: 'withdrawn' })

function told(
  findings: readonly Finding[],
  config: DetectorConfig = detectorSettings(),
): readonly Incident[] {
  const out = new RecordingOutput()
  new IncidentTask(config, topics, taskContext()).process(
    findings.map((one, offset) => record(offset, one)),
    out,
  )
  return out.of(topics.incidents)
}

const hosts = (count: number, at = 0, more: Partial<Finding> = {}) =>
  Array.from({ length: count }, (_, i) =>
    finding('http.latency', { host: `h${i}`, service: 'shop' }, at + i, {
      tagShares: [0.001, 0.05],
      ...more,
    }),
  )

describe('incidents', () => {
  it('tells of anomalies of enough series that began together, and not of fewer', () => {
    expect(told(hosts(2))).toEqual([])
    expect(told(hosts(3))).toMatchObject([
      { state: 'open', revision: 0, series: 3, metrics: 1, openSeries: 3, start: begin, end: null },
    ])
  })

  it('counts a series once, however many of its statistics are unusual', () => {
    const statistics = ['mean', 'p99', 'count'].map((statistic) =>
      finding('m', { host: 'a' }, 0, { statistic, anomalyId: statistic }),
    )
    expect(told(statistics)).toEqual([])
  })

  it('leaves apart what did not begin together', () => {
    const apart = [0, 200, 400].map((at, i) => finding('m', { host: `h${i}` }, at))
    expect(told(apart)).toEqual([])
  })

  it('does not become one incident of a whole day by anomalies of which each is near the next', () => {
    const chain = Array.from({ length: 40 }, (_, i) => finding('m', { host: `h${i}` }, i * 50))
    const incidents = told(chain)
    expect(new Set(incidents.map(({ id }) => id)).size).toBe(3)
    expect(Math.max(...incidents.map(({ series }) => series))).toBeLessThanOrEqual(13)
  })

  it('keeps scopes apart', () => {
    const config = detectorSettings({ incidentScope: ['tenant'] })
    const of = (tenant: string, count: number) =>
      Array.from({ length: count }, (_, i) => finding('m', { host: `h${i}`, tenant }, i))
    expect(told([...of('a', 2), ...of('b', 2)], config)).toEqual([])
    expect(told([...of('a', 3), ...of('b', 2)], config)).toMatchObject([
      { scope: [{ key: 'tenant', value: 'a' }], series: 3 },
    ])
  })

  it('tells again when it has grown by a quarter or is worse, and when all is over', () => {
    const some = hosts(5)
    const worse: Finding = { ...some[0]!, revision: 1, state: 'peak', severity: 'critical' }
    const news = told([...some, worse, ...[worse, ...some.slice(1)].map((one) => over(one))])
    expect(
      news.map(({ state, revision, series, severity }) => ({ state, revision, series, severity })),
    ).toEqual([
      { state: 'open', revision: 0, series: 3, severity: 'warning' },
      { state: 'peak', revision: 1, series: 4, severity: 'warning' },
      { state: 'peak', revision: 2, series: 5, severity: 'warning' },
      { state: 'peak', revision: 3, series: 5, severity: 'critical' },
      { state: 'closed', revision: 4, series: 5, severity: 'critical' },
    ])
    expect(news.at(-1)).toMatchObject({ end: begin + 600_000, openSeries: 0 })
  })

  it('withdraws an incident of which too few anomalies are left', () => {
    const some = hosts(3)
    const news = told([...some, withdrawn(some[0]!), over(some[1]!), over(some[2]!)])
    expect(news.map(({ state }) => state)).toEqual(['open', 'withdrawn'])
  })

  it('names first what the series have in common and others have not', () => {
    const tags = (i: number) => ({ host: `h${i}`, region: 'eu', service: 'shop' })
    const some = Array.from({ length: 10 }, (_, i) =>
      finding(i < 5 ? 'http.latency' : 'http.errors', tags(i), i, {
        tagShares: [0.001, 1, 0.02],
        metricShare: 0.2,
      }),
    )
    const last = told(some).at(-1)!
    expect(last.causes[0]).toMatchObject({ key: 'service', value: 'shop', series: last.series, share: 0.02 })
    expect(last.causes.some(({ key }) => key === 'region')).toBe(false)
    expect(last.message).toMatch(
      /^\d+ series of 2 metrics are not as expected \(warning, since .*service=shop has all of them, and 2 % of all series; first http\.latency\{host=h0/,
    )
  })

  it('names a deploy before the tag that it was about, since it explains the time as well', () => {
    const deploy = { id: 'd', at: begin - 40_000, text: 'shop 2.14', share: 0.02 }
    const some = Array.from({ length: 10 }, (_, i) =>
      finding('http.latency', { host: `h${i}`, service: 'shop', deploy: 'blue' }, i, {
        tagShares: [0.001, 0.02, 0.02],
        deploy: i < 9 ? deploy : null,
      }),
    )
    const of = (count: number) => told(some.slice(0, count)).at(-1)!
    expect(of(8).causes.slice(0, 2)).toMatchObject([
      { key: 'deploy', value: 'shop 2.14', series: of(8).series, share: 0.02 },
      { key: 'service', value: 'shop' },
    ])
    expect(of(8).message).toContain('; all of them began shortly after deploy shop 2.14; first ')
    // A tag of that name would be mistaken for it.
    expect(of(8).causes.some(({ value }) => value === 'blue')).toBe(false)
    const last = told(
      some.map((one) => one),
      detectorSettings({ incidentSeries: 10 }),
    ).at(-1)!
    expect(last.causes.slice(0, 2).map(({ key }) => key)).toEqual(['service', 'deploy'])
  })

  it('ranks the most severe first, and the earliest of these', () => {
    const some = [
      finding('a', { host: '1' }, 3),
      finding('b', { host: '2' }, 2, { severity: 'critical' }),
      finding('c', { host: '3' }, 1, { severity: 'critical' }),
    ]
    expect(
      told(some)
        .at(-1)!
        .members.map(({ series }) => series.metric),
    ).toEqual(['c', 'b', 'a'])
  })

  it('does not take up again what is over', () => {
    const some = hosts(3)
    const all = [...some, ...some.map((one) => over(one)), withdrawn(some[0]!), { ...some[1]!, revision: 3 }]
    expect(told(all).map(({ state }) => state)).toEqual(['open', 'closed'])
  })

  it('goes on after a crash at any commit as if nothing had happened', () => {
    const step = fc.record({
      host: fc.nat(8),
      at: fc.integer({ min: 0, max: 300 }),
      act: fc.constantFrom('open', 'open', 'peak', 'close', 'withdraw'),
      severity: fc.constantFrom('warning' as const, 'major' as const, 'critical' as const),
    })
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.nat(59), { maxLength: 6 }),
        (steps, crashes) => {
          const open = new Map<string, Finding>()
          const log = steps.flatMap(({ host, at, act, severity }) => {
            const name = `h${host}`
            const held = open.get(name)
            if (!held) {
              const one = finding('m', { host: name }, at, { severity })
              open.set(name, one)
              return [one]
            }
            if (act === 'open') return []
            const next = { ...held, revision: held.revision + 1, severity }
            open.set(name, next)
            if (act === 'peak') return [{ ...next, state: 'peak' as const }]
            open.delete(name)
            return act === 'close'
              ? [{ ...next, state: 'closed' as const, end: held.start + 60_000 }]
              : [{ ...next, state: 'withdrawn' as const }]
          })
          const out = new RecordingOutput()
          let task = new IncidentTask(detectorSettings(), topics, taskContext())
          for (const [offset, one] of log.entries()) {
            task.process([record(offset, one)], out)
            if (!crashes.includes(offset)) continue
            expect(task.resumePoint()).toEqual({ offset: offset + 1, memo: '' })
            task = new IncidentTask(detectorSettings(), topics, taskContext())
            for (const [key, value] of out.state) task.restore(key, value)
          }
          expect(out.of(topics.incidents)).toEqual(told(log))
          // Nothing stays behind of what is over.
          if (open.size === 0) expect([...out.state.values()].filter(Boolean)).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })
})
