import { describe, expect, it } from 'vitest'
import { normalizerSection } from '../../../../services/normalizer/config.ts'
import { MarkingTask } from '../../../../services/normalizer/marking-task.ts'
import { NormalizerTask } from '../../../../services/normalizer/normalizer-task.ts'
import type { PointBatch } from '../../../../shared/avro/types.ts'
import { seriesPartition } from '../../../../shared/series/series.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { noSignal, record, taskContext, topics } from '../../../support/task-context.ts'

const begin = 1_700_000_000_000
const partitions = 2
/** Metrics whose points go to one partition and to the other. */
const [here, there] = [0, 1].map(
  (partition) => ['a', 'b', 'c', 'd', 'e'].find((name) => seriesPartition(name, partitions) === partition)!,
)

/** A task whose clock is moved by hand, and what it has said since it was last asked, in seconds after the beginning. */
function marking() {
  let seconds = 0
  let offset = 0
  const context = {
    ...taskContext({ topic: 'raw', partitions }),
    now: () => begin + seconds * 1_000,
  }
  const normalizer = new NormalizerTask(normalizerSection.schema.parse({}), topics, context)
  const task = new MarkingTask(normalizer, topics, context)
  const out = new RecordingOutput()
  const said = () =>
    out.sent.splice(0).flatMap(({ topic, partition, value }) => {
      if (topic !== topics.points.name) return []
      const { times, sourceIsIdle, sourceTime } = value as PointBatch
      const time = sourceTime === null ? null : (sourceTime - begin) / 1_000
      return [
        times.length > 0
          ? { partition, points: times.length, sourceIsIdle }
          : { partition, sourceIsIdle, time },
      ]
    })
  return {
    /** Reads lines at this time, appended then, and commits. */
    read(at: number, ...lines: readonly string[]) {
      seconds = at
      const timestamp = begin + at * 1_000
      const records = lines.map((line) => record(offset++, Buffer.from(line), { topic: 'raw', timestamp }))
      if (records.length > 0) task.process(records, out, noSignal)
      task.beforeCommit(out)
      return said()
    },
    beQuiet() {
      for (const step of task.quiet) step.act(out)
      task.beforeCommit(out)
      return said()
    },
  }
}

const point = (name: string | undefined, at: number) => `${name} value=1 ${begin + at * 1_000}000000`
const log = '{"@timestamp":"2023-11-14T22:13:20Z","message":"hello"}'

describe('a raw partition', () => {
  it('tells the partitions of points that get nothing of it how far it is, a second apart at least', () => {
    const { read } = marking()
    expect(read(1, point(here, 0))).toEqual([
      { partition: 0, points: 1, sourceIsIdle: false },
      { partition: 1, sourceIsIdle: false, time: 0 },
    ])
    expect(read(1.5, point(here, 1.5))).toEqual([{ partition: 0, points: 1, sourceIsIdle: false }])
    expect(read(2, point(here, 1))).toEqual([
      { partition: 0, points: 1, sourceIsIdle: false },
      { partition: 1, sourceIsIdle: false, time: 1.5 },
    ])
    expect(read(2.1, point(there, 2))).toEqual([{ partition: 1, points: 1, sourceIsIdle: false }])
  })

  it('does not let a clock that runs ahead move the time of others beyond that of the broker', () => {
    expect(marking().read(1, point(here, 400))).toContainEqual({ partition: 1, sourceIsIdle: false, time: 1 })
  })

  it('tells all once when it has been read to its end, and when it goes on', () => {
    const { read, beQuiet } = marking()
    read(1, point(here, 0))
    expect(beQuiet()).toEqual([0, 1].map((partition) => ({ partition, sourceIsIdle: true, time: 0 })))
    expect(beQuiet()).toEqual([])
    expect(read(4, point(here, 4))).toContainEqual({ partition: 1, sourceIsIdle: false, time: 4 })
    expect(beQuiet()).toHaveLength(2)
  })

  it('is idle when it is empty, or holds no points', () => {
    const idle = [0, 1].map((partition) => ({ partition, sourceIsIdle: true, time: null }))
    expect(marking().beQuiet()).toEqual(idle)
    const { read } = marking()
    expect(read(1, log)).toEqual([])
    expect(read(2, log)).toEqual(idle)
    expect(read(5, log)).toEqual([])
  })

  it('says nothing while nothing is read', () => {
    const { read } = marking()
    read(1, point(here, 0))
    expect(read(9)).toEqual([])
  })
})
