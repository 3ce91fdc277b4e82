import { describe, expect, it } from 'vitest'
import { DetectorTask } from '../../../../../services/detector/detector-task.ts'
import type { PeerBatch, Window, WindowBatch } from '../../../../../shared/avro/types.ts'
import { discarded } from '../../../../../shared/stream/output-buffer.ts'
import { batchOf, begin, sizeMs, windowAt } from '../../../../support/detector.ts'
import { hostSeries, peerRule, peerSettings } from '../../../../support/peers.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../../support/task-context.ts'

const partitions = 3
const hostWindow = (host: number, at: number, mean: number, more: Partial<Window> = {}): Window => ({
  ...windowAt(at, mean),
  series: hostSeries(host),
  ...more,
})
const taskOf = (config = peerSettings(), memo?: string) =>
  new DetectorTask(config, topics, taskContext({ partition: 1, partitions }), memo)

function sentOf(batches: readonly WindowBatch[], config = peerSettings()) {
  const out = new RecordingOutput()
  taskOf(config).process(
    batches.map((batch, offset) => record(offset, batch)),
    out,
  )
  return out.sent
    .filter(({ topic }) => topic === topics.peers.name)
    .map(({ partition, value }) => ({ partition, batch: value as PeerBatch }))
}

describe('the first step of the comparison', () => {
  it('sends what is compared to the partition of its group, and to all how far it has come', () => {
    const sent = sentOf([
      batchOf([hostWindow(0, 0, 5), hostWindow(1, 0, 6), windowAt(0, 7)]),
      batchOf([hostWindow(0, 1, 8)], 2),
    ])
    expect(sent.map(({ batch }) => batch.watermark)).toEqual([
      null,
      ...Array(partitions).fill(begin + 2 * sizeMs),
    ])
    expect(sent[0]!.batch).toMatchObject({
      step: 'points',
      partition: 1,
      partitions,
      groups: [
        {
          group: { metric: 'cpu', tags: [{ key: 'service', value: 'shop' }] },
          statistic: 'mean',
          sizeMs,
          samples: [
            { series: hostSeries(0), start: begin, value: 5 },
            { series: hostSeries(1), start: begin, value: 6 },
          ],
        },
      ],
    })
    const [place] = new Set(
      sent.filter(({ batch }) => batch.groups.length > 0).map(({ partition }) => partition),
    )
    expect(sent.map(({ partition }) => partition)).toEqual([place, 0, 1, 2])
  })

  it('tells a watermark once, and that of the slowest of its sources', () => {
    const of = (partition: number, at: number): WindowBatch => ({
      ...batchOf([]),
      source: { step: 'points', partition, watermark: begin + at * sizeMs },
    })
    const sent = sentOf([of(1, 1), of(1, 1), of(4, 1), of(1, 3), of(4, 2)])
    expect(sent.map(({ batch }) => batch.watermark)).toEqual(
      [1, 2].flatMap((at) => Array(partitions).fill(begin + at * sizeMs)),
    )
  })

  it('sends nothing without rules, nor what no rule chooses, nor windows that overlap', () => {
    const windows = [hostWindow(0, 0, 5)]
    expect(sentOf([batchOf(windows, 1)], peerSettings({ peers: [] }))).toEqual([])
    const groups = (config = peerSettings(), some = windows) =>
      sentOf([batchOf(some, 1)], config).flatMap(({ batch }) => batch.groups)
    expect(groups()).toHaveLength(1)
    expect(groups(peerSettings({ peers: [{ ...peerRule, metric: 'mem' }] }))).toEqual([])
    expect(groups(peerSettings({ peers: [{ ...peerRule, by: ['service', 'zone'] }] }))).toEqual([])
    expect(groups(undefined, [hostWindow(0, 0, 5, { stepMs: sizeMs / 2 })])).toEqual([])
  })

  it('sends nothing of a series in maintenance', () => {
    const at = (minutes: number) => new Date(begin + minutes * 60_000).toISOString()
    const calendar = [{ from: at(0), to: at(1), metric: '*', where: {} }]
    const windows = Array.from({ length: 12 }, (_, i) => hostWindow(0, i, 5))
    const samples = sentOf([batchOf(windows, 12)], peerSettings({ calendar })).flatMap(({ batch }) =>
      batch.groups.flatMap((group) => group.samples),
    )
    expect(samples.map(({ start }) => start)).toEqual([6, 7, 8, 9, 10, 11].map((i) => begin + i * sizeMs))
  })

  it('tells that a revision has left a window empty', () => {
    const samples = sentOf([batchOf([hostWindow(0, 0, 5)]), batchOf([hostWindow(0, 0, Number.NaN)])]).flatMap(
      ({ batch }) => batch.groups.flatMap((group) => group.samples),
    )
    expect(samples.map(({ value }) => value)).toEqual([5, Number.NaN])
  })

  it('sends the same after a crash at any commit', () => {
    const log = Array.from({ length: 60 }, (_, at) =>
      record(
        at,
        batchOf(
          Array.from({ length: 4 }, (_, host) => hostWindow(host, at, host + at)),
          at % 3 === 0 ? undefined : at,
        ),
      ),
    )
    const undisturbed = new RecordingOutput()
    taskOf().process(log, undisturbed)
    const out = new RecordingOutput()
    let task = taskOf()
    for (const [i, one] of log.entries()) {
      task.process([one], out)
      const { offset, memo } = task.resumePoint()!
      task = taskOf(peerSettings(), memo)
      for (const [key, value] of out.state) task.restore(key, value)
      task.process(
        log.slice(0, i + 1).filter((each) => each.offset >= offset),
        discarded,
      )
    }
    expect(out.of(topics.peers)).toEqual(undisturbed.of(topics.peers))
  })
})
