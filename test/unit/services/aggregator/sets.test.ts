import { describe, expect, it } from 'vitest'
import { AggregatorTask } from '../../../../services/aggregator/aggregator-task.ts'
import { exactMembers } from '../../../../services/aggregator/kinds/member-set.ts'
import type { SeriesKind } from '../../../../shared/avro/types.ts'
import {
  batchOf,
  begin,
  brief,
  feed,
  histogramOf,
  type Point,
  run,
  second,
  seriesOf,
  settings,
  windowsOf,
  written,
} from '../../../support/aggregator.ts'
import { runBothSteps } from '../../../support/both-steps.ts'
import { seededRandom } from '../../../support/random.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../support/task-context.ts'

const at = (seconds: number, member: number, host = 'a', kind: SeriesKind = 'set'): Point => ({
  series: seriesOf('users', { host }, kind),
  at: seconds,
  value: member,
})

const random = seededRandom(7)
const anyMember = () => Math.floor(random() * 2 ** 32) * 2 ** 16

describe('a set', () => {
  it('has its different members in windows of all lengths, however often they come', () => {
    const config = settings({ sizesMs: [10 * second, 60 * second], latenessMs: 0 })
    const log = written([at(1, 5), at(2, 6), at(3, 5)], [at(1, 5)], [at(11, 5), at(12, 7)], [at(90, 1)])
    const windows = run(config, log).windows
    expect(brief(windows, 'distinct', 'mean', 'count')).toEqual([
      { from: 0, to: 10, revision: 0, distinct: 2, mean: 2, count: 0 },
      { from: 10, to: 20, revision: 0, distinct: 2, mean: 2, count: 0 },
      { from: 0, to: 60, revision: 0, distinct: 3, mean: 3, count: 0 },
    ])
    expect(windows[0]).toMatchObject({ sum: Number.NaN, p99: Number.NaN, increase: null, numerator: null })
  })

  it('is told again when a late member is new, and a late one that is known changes nothing but the revision', () => {
    const log = written([at(1, 5)], [at(13, 5)], [at(2, 6)], [at(2, 6)])
    expect(brief(run(settings(), log).windows, 'distinct')).toEqual([
      { from: 0, to: 10, revision: 0, distinct: 1 },
      { from: 0, to: 10, revision: 1, distinct: 2 },
      { from: 0, to: 10, revision: 2, distinct: 2 },
    ])
  })

  it('is merged over hosts by a roll-up, so that a member of several counts once', () => {
    const config = settings({ rollUps: [{ metric: 'users', by: [] }], sizesMs: [10 * second, 60 * second] })
    const shared = Array.from({ length: exactMembers }, anyMember)
    const points = ['a', 'b', 'c'].flatMap((host, i) => [
      ...shared.map((member) => at(1, member, host)),
      at(1, i, host),
    ])
    const timestamp = begin + 10 * second
    const steps = runBothSteps([{ source: 0, points, timestamp }], config, 3)
    const ofHosts = steps.first.flatMap(windowsOf).map(({ distinct }) => distinct)
    const [short, long] = steps.second.flatMap(windowsOf)
    for (const distinct of ofHosts) expect(Math.abs(distinct! / (exactMembers + 1) - 1)).toBeLessThan(0.025)
    expect(Math.abs(short!.distinct! / (exactMembers + 3) - 1)).toBeLessThan(0.025)
    expect(long).toMatchObject({ series: { kind: 'set' }, sizeMs: 60 * second, distinct: short!.distinct })
  })

  it('that is beyond the limit of series counts in the overflow series', () => {
    const config = settings({ maxSeriesPerMetric: 1 })
    const points = ['a', 'b', 'c'].flatMap((host) => [at(1, 7, host), at(1, host.charCodeAt(0), host)])
    const steps = runBothSteps([{ source: 0, points, timestamp: begin + 10 * second }], config, 1)
    expect(steps.second.flatMap(windowsOf)).toMatchObject([{ series: { kind: 'set' }, distinct: 3 }])
  })

  it.each<[SeriesKind, SeriesKind, object]>([
    ['set', 'gauge', { distinct: 1, count: 0 }],
    ['gauge', 'set', { distinct: null, count: 1, sum: 1 }],
    ['counter', 'set', {}],
  ])('a %s takes nothing that comes as a %s: it is left out and counted', async (kind, other, figures) => {
    const context = taskContext({ topic: topics.points.name })
    const out = new RecordingOutput()
    const log = written(
      [at(1, 1, 'a', kind)],
      [at(2, 9, 'a', other)],
      [at(3, 9, 'a', other)],
      [at(13, 1, 'a', kind)],
    )
    feed(new AggregatorTask(settings(), topics, context), [...log, 'quiet'], out)
    for (const window of windowsOf(out)) expect(window).toMatchObject(figures)
    expect(await context.metrics.expose()).toContain(
      'aggregator_other_kind_total{topic="telemetry.points"} 2',
    )
  })

  it.each([
    ['half a member', batchOf([at(1, 0.5)])],
    ['more than 48 bits', batchOf([at(1, 2 ** 48)])],
    ['a negative number', batchOf([at(1, -1)])],
    ['a histogram', batchOf([{ ...at(1, 0), value: histogramOf({ counts: [1, 0, 0, 0] }) }])],
  ])('is refused with %s, which only a foreign program writes', (_, flawed) => {
    const { out } = run(settings(), [record(0, flawed)])
    expect(out.rejected).toMatchObject([{ reason: 'malformed_batch' }])
  })
})
