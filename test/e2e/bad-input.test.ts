import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeadLetter, PointBatch } from '../../shared/avro/types.ts'
import {
  collect,
  eventually,
  type Installation,
  install,
  producerFor,
  startService,
  stopServices,
} from '../support/pipeline.ts'

const now = Date.now()
const line = (value: string, time = `${now}000000`) => `bad,host=a value=${value} ${time}`

/** What a stranger may send, and what becomes of it. */
const refused: Readonly<Record<string, { readonly value: Buffer | string | null; readonly reason: string }>> =
  {
    'bytes that are nothing': {
      value: Buffer.from([0xff, 0xfe, 0x00, 0x3d, 0x20, 0x80]),
      reason: 'unknown_format',
    },
    'text that is nothing': { value: 'hello', reason: 'unknown_format' },
    'half a JSON object': { value: '{"fields": {', reason: 'unknown_format' },
    'no value': { value: null, reason: 'empty' },
    'an empty value': { value: '', reason: 'empty' },
    'ten megabytes': { value: Buffer.alloc(10 * 1024 * 1024, 'x=1 '), reason: 'too_large' },
    'not a number': { value: line('NaN'), reason: 'not_finite' },
    infinity: { value: line('+Inf'), reason: 'not_finite' },
    'the year 1970': { value: line('1', '1'), reason: 'timestamp_too_old' },
    'the year 2099': { value: line('1', `${Date.UTC(2099, 0, 1)}000000`), reason: 'timestamp_in_future' },
  }

describe('bad input', () => {
  let installation: Installation
  let letters: DeadLetter[]
  let batches: PointBatch[]
  const closers: (() => Promise<void>)[] = []

  beforeAll(async () => {
    installation = await install({ TIDEMARK_TOPICS_PARTITIONS: '1' })
    await startService(installation, 'normalizer')
    const producer = await producerFor(installation)
    for (const { value } of Object.values(refused)) await producer.send(installation.rawMetrics, [{ value }])
    await producer.send(installation.rawMetrics, [{ value: `${line('1')}\n${line('oops')}\n${line('2')}` }])
    await producer.send(installation.rawMetrics, [{ value: 'good,name=naïve\\ 🎉\\,\\=x value=42' }])
    await producer.close()
    const deadletter = await collect<DeadLetter>(installation, installation.topics.deadletter)
    const points = await collect<PointBatch>(installation, installation.topics.points)
    closers.push(deadletter.close, points.close)
    await eventually(
      () => deadletter.records.length,
      (count) => count > Object.keys(refused).length,
      30_000,
    )
    letters = deadletter.records
    batches = points.records
    await eventually(
      () => batches.flatMap(({ values }) => values).length,
      (count) => count === 3,
      30_000,
    )
  })
  afterAll(async () => {
    await Promise.all(closers.map((close) => close()))
    await stopServices()
  })

  it.each(Object.keys(refused))('%s goes to the dead letters, whole, with the reason', (name) => {
    const { value, reason } = refused[name]!
    const offset = Object.keys(refused).indexOf(name)
    const letter = letters.find((one) => one.offset === offset)!
    expect({ reason: letter.reason, stage: letter.stage, topic: letter.topic }).toEqual({
      reason,
      stage: 'normalizer',
      topic: installation.rawMetrics,
    })
    expect(letter.detail).not.toBe('')
    const bytes = value === null ? null : Buffer.from(value as string)
    expect(letter.value === null ? null : Buffer.compare(Buffer.from(letter.value), bytes!)).toBe(
      value === null ? null : 0,
    )
  })

  it('takes the good lines of a message and tells which was refused', () => {
    expect(letters.find(({ rejections }) => rejections.length > 0)?.rejections).toMatchObject([
      { position: 1, reason: 'unparseable' },
    ])
    expect(batches.flatMap(({ values }) => values)).toEqual([1, 2, 42])
  })

  it('goes on with the partition, and keeps any Unicode in tags', () => {
    expect(batches.at(-1)!.series.at(-1)).toMatchObject({
      metric: 'good',
      tags: [{ key: 'name', value: 'naïve 🎉,=x' }],
    })
  })

  it('refuses records of its own topics that are not framed, or of unknown schemas', async () => {
    await startService(installation, 'aggregator')
    const producer = await producerFor(installation)
    const unknownSchema = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3])
    await producer.send(installation.topics.points.name, [
      { value: 'no frame' },
      { value: unknownSchema },
      { value: null },
    ])
    await producer.close()
    const ofAggregator = () =>
      letters.filter(({ stage }) => stage === 'aggregator').map(({ reason }) => reason)
    expect(await eventually(ofAggregator, (reasons) => reasons.length >= 3, 30_000)).toEqual([
      'not_framed',
      'unknown_schema',
      'empty',
    ])
  })
})
