import { describe, expect, it } from 'vitest'
import { recordOf } from '../../../../cli/deadletter/choose.ts'
import { normalizerSection } from '../../../../services/normalizer/config.ts'
import { NormalizerTask } from '../../../../services/normalizer/normalizer-task.ts'
import type { DeadLetter } from '../../../../shared/avro/types.ts'
import type { StreamRecord, Task } from '../../../../shared/stream/task.ts'
import { RecordingOutput } from '../../../support/recording-output.ts'
import { noSignal, record, taskContext, topics } from '../../../support/task-context.ts'

const time = 1_700_000_000_000
const day = 86_400_000
const place = { topic: 'telemetry.deadletter', partition: 2, offset: 107, timestamp: time }

async function run(records: readonly StreamRecord<Buffer | null>[]) {
  const task: Task<Buffer | null> = new NormalizerTask(
    normalizerSection.schema.parse({}),
    topics,
    taskContext({ topic: 'raw', now: time + day }),
  )
  const out = new RecordingOutput()
  await task.process(records, out, noSignal)
  task.beforeCommit?.(out)
  return {
    rejected: out.rejected,
    points: out
      .of(topics.points)
      .flatMap(({ times, values }) => values.map((value, i) => [value, times[i]!])),
    logs: out.of(topics.logs).flatMap(({ logs }) => logs.map(({ message }) => message)),
  }
}

const raw = (text: string, headers = {}, timestamp = time) =>
  record(0, Buffer.from(text), { topic: 'raw', timestamp, headers })

/** The record that comes of the dead letter of `text`. */
function redriven(text: string, positions: readonly number[], more: Partial<DeadLetter> = {}) {
  const letter: DeadLetter = {
    stage: 'normalizer',
    reason: 'unparseable',
    detail: '',
    topic: 'raw',
    partition: 0,
    offset: 3,
    timestamp: time,
    key: null,
    value: Buffer.from(text),
    headers: [],
    tenant: null,
    rejections: positions.map((position) => ({
      position,
      count: 1,
      value: null,
      reason: 'unparseable',
      detail: '',
    })),
    ...more,
  }
  return raw(text, recordOf(letter, place, 4).headers, time + day)
}

describe('a record that was refused in part and is sent again', () => {
  const lines = ['m v=0', '# a comment', 'm v=2', 'm text="two\nlines",v=3', 'm v=5'].join('\n')
  const metrics = JSON.stringify({ metrics: [0, 1, 2].map((v) => ({ name: 'm', fields: { v } })) })
  const events = ['zero', 'one', 'two'].map((message) => JSON.stringify({ message })).join('\n')

  it.each([
    ['line protocol', lines, [2, 5], { points: [2, 5] }],
    ['line protocol with a string over two lines', lines, [3], { points: [3] }],
    ['Telegraf JSON', metrics, [1], { points: [1] }],
    ['ECS JSON', events, [0, 2], { logs: ['zero', 'two'] }],
  ])('is taken only where it was refused: %s', async (_, text, positions, expected) => {
    const { points, logs, rejected } = await run([redriven(text, positions)])
    expect(rejected).toEqual([])
    expect({ points: points.map(([value]) => value), logs }).toEqual({ points: [], logs: [], ...expected })
  })

  it('is taken in the ranges that were parked', async () => {
    const whole = Array.from({ length: 9 }, (_, v) => `m v=${v}`).join('\n')
    const rejections = [
      { position: 6, count: 2, value: null, reason: 'quota_points', detail: '' },
      { position: 1, count: 3, value: null, reason: 'quota_points', detail: '' },
    ]
    const { points } = await run([redriven(whole, [], { rejections })])
    expect(points.map(([value]) => value)).toEqual([1, 2, 3, 6, 7])
  })

  it('is taken whole when it was refused whole, with the time at which it came first', async () => {
    const { points } = await run([redriven('m v=1\nm v=2', [])])
    expect(points).toEqual([
      [1, time],
      [2, time],
    ])
  })

  it('keeps its parts when what is left of it is refused again, and whole', () => {
    const headers = [
      { key: 'tidemark-positions', value: Buffer.from('3') },
      { key: 'tidemark-timestamp', value: Buffer.from('5') },
      { key: 'tidemark-redriven-from', value: Buffer.from('telemetry.deadletter/0/1') },
    ]
    const again = redriven(lines, [], { headers, timestamp: time + day })
    expect(
      Object.fromEntries(Object.entries(again.headers).map(([key, value]) => [key, String(value)])),
    ).toEqual({
      'tidemark-positions': '3',
      'tidemark-timestamp': '5',
      'tidemark-redriven-from': 'telemetry.deadletter/2/107',
    })
  })

  it('is refused when its headers are a stranger’s', async () => {
    const from = { 'tidemark-redriven-from': Buffer.from('x') }
    const { rejected } = await run([
      raw('m v=1', from),
      raw('m v=1', {
        ...from,
        'tidemark-timestamp': Buffer.from('5'),
        'tidemark-positions': Buffer.from('all'),
      }),
    ])
    expect(rejected.map(({ reason }) => reason)).toEqual(['invalid_redrive', 'invalid_redrive'])
  })
})
