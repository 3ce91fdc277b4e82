import { describe, expect, it } from 'vitest'
import { AggregatorTask } from '../../../../services/aggregator/aggregator-task.ts'
import {
  brief,
  feed,
  type Point,
  partialsOf,
  pointsTask,
  restart,
  rollUpTask,
  run,
  second,
  seriesOf,
  settings,
  windowsOf,
  written,
} from '../../../support/aggregator.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { taskContext, topics } from '../../../support/task-context.ts'

const config = settings({ sizesMs: [10 * second, 60 * second], latenessMs: 120 * second })

const gauge = seriesOf('m', { host: 'a' })
const at = (seconds: number, value: number): Point => ({ series: gauge, at: seconds, value })

describe('when a partition is quiet', () => {
  it('its open short windows are closed, and still take late points', () => {
    const [first, next] = written([at(1, 1), at(11, 2)], [at(12, 4)])
    expect(brief(run(config, [first!, 'quiet', next!]).windows, 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, sum: 1 },
      { from: 10, to: 20, revision: 0, sum: 2 },
      { from: 10, to: 20, revision: 1, sum: 6 },
    ])
  })

  it('and that its windows were closed for it is counted, once in each quiet time', async () => {
    const context = taskContext({ topic: topics.points.name })
    const task = new AggregatorTask(config, topics, context)
    const counted = async () =>
      /^tidemark_aggregator_idle_closings_total (\d+)$/m.exec(await context.metrics.expose())![1]
    const [first, next] = written([at(1, 1), at(11, 2)], [at(25, 4)])
    feed(task, [first!], new RecordingOutput())
    expect(await counted()).toBe('0')
    feed(task, ['long quiet', 'quiet'], new RecordingOutput())
    expect(await counted()).toBe('1')
    feed(task, [next!, 'quiet'], new RecordingOutput())
    expect(await counted()).toBe('2')
  })

  it('for long, its longer windows are emitted as they are, and revised when it goes on', () => {
    const [first, ...rest] = written([at(1, 1)], [at(15, 2)], [at(22, 4)], [at(62, 0)])
    expect(brief(run(config, [first!, 'long quiet', ...rest]).windows, 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, sum: 1 },
      { from: 0, to: 60, revision: 0, sum: 1 },
      { from: 10, to: 20, revision: 0, sum: 2 },
      { from: 0, to: 60, revision: 1, sum: 3 },
      { from: 20, to: 30, revision: 0, sum: 4 },
      { from: 0, to: 60, revision: 2, sum: 7 },
    ])
  })

  it('nothing is emitted twice, however long it lasts', () => {
    const log = written([at(1, 1)])
    const once = run(config, [...log, 'long quiet']).windows
    expect(once).toHaveLength(2)
    expect(run(config, [...log, 'long quiet', 'quiet', 'long quiet']).windows).toEqual(once)
  })

  it('nothing happens before its first record', () => {
    expect(run(config, ['long quiet']).out.sent).toEqual([])
  })

  it('a worker that begins in the quiet time emits longer windows early, though it reads no record again', () => {
    const strict = { ...config, latenessMs: 0 }
    const log = written([at(1, 1)], [at(22, 2)], [at(82, 4)])
    const out = new RecordingOutput()
    const running = pointsTask(strict)
    feed(running, [...log, 'quiet'], out)
    const before = windowsOf(out).length
    const next = restart(running, log, out, (memo) => pointsTask(strict, memo))!
    feed(next, ['long quiet'], out)
    expect(brief(windowsOf(out).slice(before), 'sum')).toEqual([{ from: 60, to: 120, revision: 0, sum: 4 }])
  })

  it('a worker that begins after longer windows were emitted early knows of it, though it reads no record again', () => {
    const hours = settings({
      sizesMs: [10 * second, 3_600 * second],
      latenessMs: 0,
      rollUps: [{ metric: 'm', by: [] }],
    })
    const other = (seconds: number): Point => ({ series: seriesOf('other'), at: seconds, value: 0 })
    // The second step has a window of its own only in the beginning: of the others it hears the time.
    const points = written([at(1, 1)], [other(95)], [at(122, 2)], [other(142)])
    const log = partialsOf(run(hours, [...points.slice(0, 2), 'quiet', ...points.slice(2)]).out)
    const heard = log.findIndex(({ value }) => value.isIdle) + 1
    const out = new RecordingOutput()
    const running = rollUpTask(hours)
    feed(running, [...log.slice(0, heard), 'long quiet'], out)
    const next = restart(running, log.slice(0, heard), out, (memo) => rollUpTask(hours, memo))!
    feed(next, ['long quiet', ...log.slice(heard)], out)
    expect(brief(windowsOf(out), 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, sum: 1 },
      { from: 0, to: 3_600, revision: 0, sum: 1 },
      { from: 120, to: 130, revision: 0, sum: 2 },
      { from: 0, to: 3_600, revision: 1, sum: 3 },
    ])
  })
})
