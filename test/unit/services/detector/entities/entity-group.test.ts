import { describe, expect, it } from 'vitest'
import type { DetectorConfig } from '../../../../../services/detector/config.ts'
import { entityRules } from '../../../../../services/detector/entities/rules.ts'
import type { PeerBatch, PeerSample, Series } from '../../../../../shared/avro/types.ts'
import { discarded } from '../../../../../shared/stream/output-buffer.ts'
import { begin, detectorSettings, sizeMs } from '../../../../support/detector.ts'
import { gaussian } from '../../../../support/gaussian.ts'
import { peerLog, peerTask } from '../../../../support/peers.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { topics } from '../../../../support/task-context.ts'

const rule = { name: 'host', metrics: ['cpu', 'io', 'net.*'], where: {}, by: ['host'] }
const config: DetectorConfig = detectorSettings({
  entities: [rule],
  warningOneIn: 100_000,
  cooldownWindows: 5,
})

const field = (metric: string): Series => ({
  metric,
  tags: [{ key: 'host', value: 'web-3' }],
  kind: 'gauge',
  unit: '',
})
const fields = ['cpu', 'io', 'net.in'].map(field)

const count = 470
const next = gaussian(1)
/** All follow one wave; from some time on the first does not. */
const values = Array.from({ length: count + 40 }, (_, at) => {
  const wave = Math.sin(at / 20)
  const isOdd = at >= count && at < count + 4
  return [
    50 + 20 * (isOdd ? -wave : wave) + next(),
    100 + 50 * wave + 2 * next(),
    5 + 2 * wave + 0.1 * next(),
  ]
})

function batchOf(at: number, samples?: readonly PeerSample[]): PeerBatch {
  const target = entityRules([rule]).targetOf(fields[0]!)!
  return {
    step: 'points',
    partition: 0,
    partitions: 1,
    watermark: begin + (at + 1) * sizeMs,
    timestamp: 0,
    groups: [
      {
        ...target,
        statistic: 'mean',
        sizeMs,
        samples:
          samples ??
          fields.map((series, i) => ({ series, start: begin + at * sizeMs, value: values[at]![i]! })),
      },
    ],
  }
}
/** The wave is far from its middle there, so that the first field is far from where the others let it be. */
const log = peerLog(values.map((_, at) => batchOf(at)))

function tell(batches: typeof log) {
  const out = new RecordingOutput()
  peerTask(config).process(batches, out)
  return out.of(topics.anomalies)
}

describe('an entity', () => {
  it('is told of when its fields are together as never before, with those that have a part in it', () => {
    const told = tell(log)
    expect(told[0]).toMatchObject({
      state: 'open',
      kind: 'shape',
      model: 'joint',
      series: { metric: 'host', tags: [{ key: 'host', value: 'web-3' }] },
      start: begin + count * sizeMs,
      direction: 'above',
    })
    expect(told[0]!.message).toMatch(
      /^host\{host=web-3\}: its fields are together as never before, most of all cpu\{host=web-3\}/,
    )
    expect(told[0]!.contributions[0]!.model).toBe('cpu{host=web-3}')
    expect(told.at(-1)).toMatchObject({ state: 'closed', end: begin + (count + 4) * sizeMs })
  })

  it('is judged anew when a field is revised', () => {
    const late = fields.slice(0, 1).flatMap((series) =>
      [0, 1].map((i) => ({
        series,
        start: begin + (count + i) * sizeMs,
        value: 50 + 20 * Math.sin((count + i) / 20),
      })),
    )
    const told = tell(
      peerLog([...values.slice(0, count + 2).map((_, at) => batchOf(at)), batchOf(count + 2, late)]),
    )
    expect(told.map(({ state }) => state)).toEqual(['open', 'withdrawn'])
  })

  it('says nothing of one field alone, nor of a field that goes', () => {
    const alone = values.map((_, at) =>
      batchOf(at, [
        { series: fields[0]!, start: begin + at * sizeMs, value: at === count ? 1_000 : values[at]![0]! },
      ]),
    )
    expect(tell(peerLog(alone))).toEqual([])
    const leaving = values
      .slice(0, count)
      .map((row, at) =>
        batchOf(
          at,
          fields
            .map((series, i) => ({ series, start: begin + at * sizeMs, value: row[i]! }))
            .slice(0, at > 400 ? 2 : 3),
        ),
      )
    expect(tell(peerLog(leaving))).toEqual([])
  })

  it('goes on after a crash at any commit as if nothing had happened', () => {
    const undisturbed = tell(log)
    const out = new RecordingOutput()
    let task = peerTask(config)
    for (const [i, one] of log.entries()) {
      task.process([one], out)
      if (i % 37 !== 5 && i < count - 2) continue
      const { offset, memo } = task.resumePoint()!
      task = peerTask(config, memo)
      for (const [key, value] of out.state) task.restore(key, value)
      task.process(
        log.slice(0, i + 1).filter((each) => each.offset >= offset),
        discarded,
      )
    }
    expect(out.of(topics.anomalies)).toEqual(undisturbed)
    for (const [key, value] of out.state)
      expect(() => task.restore(key, value.slice(0, 30))).toThrow(RangeError)
  })

  it('is of the series that have the tags, by the first rule that chooses them', () => {
    const rules = entityRules([rule, { ...rule, name: 'other', metrics: ['*'] }])
    const of = (series: Series) => rules.targetOf(series)?.group.metric
    expect([field('net.out'), field('mem'), { ...field('cpu'), tags: [] }].map(of)).toEqual([
      'host',
      'other',
      undefined,
    ])
    expect(rules.has(rules.targetOf(fields[0]!)!.rule)).toBe(true)
  })
})
