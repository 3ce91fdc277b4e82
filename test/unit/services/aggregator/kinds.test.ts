import { expect, it, vi } from 'vitest'
import { AggregatorTask } from '../../../../services/aggregator/aggregator-task.ts'
import { RollUpTask } from '../../../../services/aggregator/roll-up-task.ts'
import type { SeriesKind } from '../../../../shared/avro/types.ts'
import {
  brief,
  feed,
  type Point,
  partialsOf,
  seriesOf,
  settings,
  windowsOf,
  written,
} from '../../../support/aggregator.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { taskContext, topics } from '../../../support/task-context.ts'

const at = (seconds: number, value: number, kind: SeriesKind, host = 'a'): Point => ({
  series: seriesOf('m', { host }, kind),
  at: seconds,
  value,
})

/** A task's surroundings, and what it says in its log. */
function listening(topic: string) {
  const context = taskContext({ topic })
  const warn = vi.spyOn(context.log, 'warn')
  return { context, sentences: () => warn.mock.calls.map((call) => call[1]) }
}

it('a series keeps the kind that came first, and another is counted, and told once', async () => {
  const { context, sentences } = listening(topics.points.name)
  const out = new RecordingOutput()
  const log = written([at(1, 5, 'delta')], [at(2, 7, 'gauge')], [at(3, 9, 'gauge')], [at(13, 1, 'delta')])
  feed(new AggregatorTask(settings(), topics, context), [...log, 'quiet'], out)
  expect(brief(windowsOf(out), 'count', 'increase')).toMatchObject([
    { from: 0, count: 3, increase: 21 },
    { from: 10, count: 1, increase: 1 },
  ])
  expect(await context.metrics.expose()).toContain('aggregator_other_kind_total{topic="telemetry.points"} 2')
  expect(sentences()).toEqual([
    'm,host=a is known as a delta and came as a gauge: its points are taken for the former, until the series has been silent for so long that it is forgotten',
  ])
})

it.each<[SeriesKind, SeriesKind, object]>([
  ['delta', 'gauge', { count: 2, sum: 3, increase: 3 }],
  ['gauge', 'delta', { count: 2, sum: 3, increase: null }],
])('a roll-up of %s series leaves out a %s, counts it, and tells once', async (kind, other, figures) => {
  const config = settings({ rollUps: [{ metric: 'm', by: [] }] })
  const { context, sentences } = listening(topics.partials.name)
  const first = new RecordingOutput()
  const points = [at(1, 1, kind, 'a'), at(1, 2, kind, 'b'), at(1, 100, other, 'c')]
  const later = points.map((point) => ({ ...point, at: 11 }))
  feed(
    new AggregatorTask(config, topics, taskContext({ topic: topics.points.name })),
    [...written(points, later), 'quiet'],
    first,
  )
  const out = new RecordingOutput()
  feed(new RollUpTask(config, topics, context), [...partialsOf(first), 'quiet'], out)
  expect(windowsOf(out)).toMatchObject([figures, figures])
  expect(await context.metrics.expose()).toContain(
    'aggregator_other_kind_total{topic="telemetry.partials"} 2',
  )
  expect(sentences()).toEqual([
    `m.by_all is known as a ${kind} and came as a ${other}: its members of the latter kind are left out; give a rule one kind of series`,
  ])
})
