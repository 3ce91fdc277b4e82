import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type NormalizerConfig, normalizerSection } from '../../../../../services/normalizer/config.ts'
import { delayBounds, delayBucket } from '../../../../../services/normalizer/metrics/delays.ts'
import { NormalizerTask } from '../../../../../services/normalizer/normalizer-task.ts'
import { discarded } from '../../../../../shared/stream/output-buffer.ts'
import type { Output, StreamRecord } from '../../../../../shared/stream/task.ts'
import { now } from '../../../../support/normalize.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../../support/task-context.ts'

const at = (ms: number) => `${now + ms}000000`

/** The lines of the metrics that are about the normalizer, without their common beginning. */
async function metricsOf(
  values: readonly (string | null)[],
  {
    settings = {},
    more = {},
    out = new RecordingOutput() as Output,
    clock = now,
  }: {
    settings?: Partial<NormalizerConfig>
    more?: Partial<StreamRecord<Buffer | null>>
    out?: Output
    clock?: number
  } = {},
) {
  const context = taskContext({ topic: 'raw', now: clock })
  const task = new NormalizerTask(normalizerSection.schema.parse(settings), topics, context)
  const records = values.map((value, offset) =>
    record<Buffer | null>(offset, value === null ? null : Buffer.from(value), {
      topic: 'raw',
      timestamp: now,
      ...more,
    }),
  )
  task.process(records, out)
  task.beforeCommit(out)
  const begin = 'tidemark_normalizer_'
  return (await context.metrics.expose())
    .split('\n')
    .filter((line) => line.startsWith(begin))
    .map((line) => line.slice(begin.length))
}

const influx = '{topic="raw",format="influx"}'

describe('what the normalizer counts', () => {
  it('is by topic and format, and what is refused by reason', async () => {
    const lines = await metricsOf([
      `m a=1,b=2 ${at(-5)}`,
      `m a=x ${at(-5)}\nm a=1 ${at(1e9)}\nm a=1 ${at(-5)}\nm a=y ${at(-5)}`,
      'what is this?',
      null,
      '{"@timestamp":"2023-11-14T22:13:19Z","message":"m"}',
    ])
    expect(lines.filter((line) => !line.startsWith('delay') && !line.startsWith('clock'))).toEqual([
      'messages_total{topic="raw",format="unknown"} 2',
      `messages_total${influx} 2`,
      'messages_total{topic="raw",format="ecs-json"} 1',
      'bytes_total{topic="raw",format="unknown"} 13',
      `bytes_total${influx} 132`,
      'bytes_total{topic="raw",format="ecs-json"} 51',
      `points_total${influx} 3`,
      'logs_total{topic="raw",format="ecs-json"} 1',
      'refused_records_total{topic="raw",format="unknown",reason="unknown_format"} 1',
      'refused_records_total{topic="raw",format="unknown",reason="empty"} 1',
      'refused_parts_total{topic="raw",format="influx",reason="unparseable"} 2',
      'refused_parts_total{topic="raw",format="influx",reason="timestamp_in_future"} 1',
    ])
  })

  it('is not counted again when the log is read again', async () => {
    const lines = await metricsOf([`m,host=a v=1 ${at(-5)}`, 'oops'], { out: discarded })
    expect(lines.filter((line) => !/^delay_seconds_\w+\{.* 0$/.test(line))).toEqual([])
  })
})

describe('the delay of events', () => {
  const countsOf = (lines: readonly string[]) =>
    lines.filter((line) => /^delay_seconds_(bucket\{le="(1|60|\+Inf)"|sum|count)/.test(line))

  it('is from when they happened until the broker took them', async () => {
    const lines = await metricsOf([`m a=1,b=2 ${at(-500)}\nm a=1 ${at(-30_000)}\nm a=1 ${at(200)}`])
    expect(countsOf(lines)).toEqual([
      'delay_seconds_bucket{le="1",topic="raw",format="influx"} 3',
      'delay_seconds_bucket{le="60",topic="raw",format="influx"} 4',
      'delay_seconds_bucket{le="+Inf",topic="raw",format="influx"} 4',
      `delay_seconds_sum${influx} 31`,
      `delay_seconds_count${influx} 4`,
    ])
  })

  it('is unknown of those without a time of their own', async () => {
    expect(countsOf(await metricsOf(['m a=1', `m a=1 ${at(-500)}`])).at(-1)).toBe(
      `delay_seconds_count${influx} 1`,
    )
  })

  it('is until they were read where the record has the time of its producer', async () => {
    const lines = await metricsOf([`m a=1 ${at(-500)}`], {
      more: { isAppendTime: false },
      clock: now + 60_000,
    })
    expect(countsOf(lines).at(-2)).toBe(`delay_seconds_sum${influx} 60.5`)
  })

  it('falls into the first bucket that it is not above', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 1e9 }), (ms) => {
        const found = delayBounds.findIndex((bound) => ms / 1_000 <= bound)
        expect(delayBucket(ms)).toBe(found < 0 ? delayBounds.length : found)
      }),
    )
  })
})

describe('the clock of a producer', () => {
  const skewsOf = (lines: readonly string[]) => lines.filter((line) => line.startsWith('clock_skew'))
  const skew = (producer: string, seconds: number) => `clock_skew_seconds{producer="${producer}"} ${seconds}`

  it('is told by the host of points, log events and spans', async () => {
    const span = `[{"traceId":"463ac35c9f6413ad48485a3953bb6124","id":"a2fb4a1d1a96d312","name":"get","timestamp":${(now - 50) * 1_000},"duration":1}]`
    const lines = await metricsOf([
      `m,host=a v=1 ${at(2_500)}\nm,host=b v=1 ${at(-700)}\nm,host=a v=1 ${at(-9_000)}\nm v=1 ${at(5_000)}`,
      `{"@timestamp":"${new Date(now - 20).toISOString()}","message":"m","host":{"name":"c"}}`,
      span,
    ])
    expect(skewsOf(lines)).toEqual([skew('a', 2.5), skew('b', -0.7), skew('c', -0.02)])
  })

  it('is that of who sent the record, if a header names it', async () => {
    const headers = { client: Buffer.from('collector'), 'x-other': Buffer.from('y') }
    expect(skewsOf(await metricsOf([`m,host=a v=1 ${at(2_500)}`], { more: { headers } }))).toEqual([
      skew('collector', 2.5),
    ])
  })
})
