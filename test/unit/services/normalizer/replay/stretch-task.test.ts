import { describe, expect, it } from 'vitest'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { NormalizerTask } from '../../../../../services/normalizer/normalizer-task.ts'
import { Pace } from '../../../../../services/normalizer/replay/pace.ts'
import { StretchTask } from '../../../../../services/normalizer/replay/stretch-task.ts'
import { discarded } from '../../../../../shared/stream/output-buffer.ts'
import type { StreamRecord } from '../../../../../shared/stream/task.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { noSignal, record, taskContext, topics } from '../../../../support/task-context.ts'

const minute = 60_000
const from = 1_700_000_000_000
const stretch = { from, to: from + 10 * minute, readFrom: from - 5 * minute }

async function run(records: readonly StreamRecord<Buffer>[], until: number) {
  const context = taskContext({ topic: 'raw', partitions: 2, now: from + 60 * minute })
  const pace = new Pace({ places: ['raw/0'], maxRecordsPerSecond: undefined, now: () => 0 })
  const normalizer = new NormalizerTask(normalizerSection.schema.parse({}), topics, context)
  const task = new StretchTask(normalizer, { stretch, until, pace }, topics, context)
  const out = new RecordingOutput()
  await task.process(records, out, noSignal)
  task.beforeCommit(out)
  const batches = out.sent.map(({ partition, value }) => ({
    partition,
    ...(value as ReturnType<typeof out.of<typeof topics.points.record>>[number] & object),
  }))
  const isMark = ({ series }: { readonly series?: readonly { readonly metric: string }[] }) =>
    series?.[0]?.metric === 'tidemark.replay'
  return {
    rejected: out.rejected,
    values: batches.filter((batch) => !isMark(batch)).flatMap(({ values }) => values),
    marks: batches.filter(isMark).map(({ partition, times }) => [partition, times![0]! - from]),
  }
}

const raw = (offset: number, minutes: number, text: string, headers = {}) =>
  record(offset, Buffer.from(text), { topic: 'raw', timestamp: from + minutes * minute, headers })
const line = (value: number, minutes: number) => `m v=${value} ${from + minutes * minute}000000`

describe('a normalizer in a replay', () => {
  it('takes the records before the end, and of them the points before the end of the stretch', async () => {
    const { values } = await run(
      [
        raw(0, 0, `${line(1, -2)}\n${line(2, 3)}`),
        raw(1, 1, `${line(3, 9.99)}\n${line(4, 10)}`),
        raw(2, 2, line(5, 4)),
      ],
      2,
    )
    expect(values.toSorted()).toEqual([1, 2, 3])
  })

  it('says in each partition of points how far it is, once a minute, less the margin', async () => {
    const { marks } = await run(
      [0, 0.5, 1.2, 3].map((minutes, offset) => raw(offset, minutes, line(1, 0))),
      10,
    )
    expect(marks).toEqual([
      [0, -4.5 * minute],
      [1, -4.5 * minute],
      [0, -2 * minute],
      [1, -2 * minute],
    ])
  })

  it('passes over a record that was sent again, if it also reads where that stood first', async () => {
    const redrivenAt = (minutes: number) => ({
      'tidemark-redriven-from': Buffer.from('telemetry.deadletter/0/1'),
      'tidemark-timestamp': Buffer.from(String(from + minutes * minute)),
    })
    const { values, rejected } = await run(
      [
        raw(0, 0, line(1, 0), redrivenAt(-4)),
        raw(1, 0, line(2, 0), redrivenAt(-6)),
        raw(2, 0, line(3, 0), { 'tidemark-redriven-from': Buffer.from('x') }),
      ],
      10,
    )
    expect(values).toEqual([2])
    expect(rejected.map(({ reason }) => reason)).toEqual(['invalid_redrive'])
  })

  it('finishes log events of several lines at the end of the stretch, and not before', async () => {
    const context = taskContext({ topic: 'raw', now: from + 60 * minute })
    const pace = new Pace({ places: ['raw/0'], maxRecordsPerSecond: undefined, now: () => 0 })
    const create = (memo?: string) =>
      new StretchTask(
        new NormalizerTask(normalizerSection.schema.parse({}), topics, context, memo),
        { stretch, until: 4, pace },
        topics,
        context,
      )
    const text = { 'content-type': Buffer.from('text/plain') }
    const log = ['INFO a', 'ERROR b', '\tat c', '\tat d'].map((value, offset) => raw(offset, 0, value, text))
    const messages = (out: RecordingOutput) =>
      out.of(topics.logs).flatMap(({ logs }) => logs.map(({ message }) => message))
    const [before, after] = [new RecordingOutput(), new RecordingOutput()]
    const first = create()
    await first.process(log.slice(0, 3), before, noSignal)
    expect(messages(before)).toEqual(['a'])
    const { offset, memo } = first.resumePoint()!
    expect(offset).toBe(1)
    const second = create(memo)
    await second.process(log.slice(offset, 3), discarded, noSignal)
    await second.process(log.slice(3), after, noSignal)
    expect(messages(after)).toEqual(['b\n\tat c\n\tat d'])
    expect(second.resumePoint()).toEqual({ offset: 4, memo: '' })
  })
})
