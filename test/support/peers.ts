import type { DetectorConfig } from '../../services/detector/config.ts'
import { PeerTask } from '../../services/detector/peers/peer-task.ts'
import { peerRules } from '../../services/detector/peers/rules.ts'
import type { PeerBatch, PeerSample, Series } from '../../shared/avro/types.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import { begin, detectorSettings, sizeMs } from './detector.ts'
import { RecordingOutput } from './recording-output.ts'
import { record, taskContext, topics } from './task-context.ts'

export const peerRule = { metric: 'cpu', where: {}, by: ['service'] }

/** Compares `cpu` of the hosts of a service. */
export const peerSettings = (settings: Partial<DetectorConfig> = {}): DetectorConfig =>
  detectorSettings({ peers: [peerRule], warningOneIn: 10_000, ...settings })

export const hostSeries = (host: number): Series => ({
  metric: 'cpu',
  tags: [
    { key: 'host', value: `web-${host}` },
    { key: 'service', value: 'shop' },
  ],
  kind: 'gauge',
  unit: '',
})

/** The value of a host in the `at`-th window after `begin`. */
export const sampleAt = (host: number, at: number, value: number): PeerSample => ({
  series: hostSeries(host),
  start: begin + at * sizeMs,
  value,
})

/** Samples of one partition of the windows topic, which has told all up to the `at`-th window; of none, more is to come. */
export function peerBatch(
  samples: readonly PeerSample[],
  at?: number,
  { partition = 0, partitions = 1 } = {},
): PeerBatch {
  const target = peerRules([peerRule]).targetOf(hostSeries(0))!
  return {
    step: 'points',
    partition,
    partitions,
    watermark: at === undefined ? null : begin + at * sizeMs,
    timestamp: 0,
    groups: samples.length === 0 ? [] : [{ ...target, statistic: 'mean', sizeMs, samples }],
  }
}

export const peerTask = (config: DetectorConfig, memo?: string) =>
  new PeerTask(config, topics, taskContext({ topic: topics.peers.name }), memo)

export const peerLog = (batches: readonly PeerBatch[]): readonly StreamRecord<PeerBatch>[] =>
  batches.map((batch, offset) => record(offset, batch))

/** A record for each of `count` windows; `valueAt` gives NaN for a host that has none. */
export const rounds = (
  count: number,
  hosts: number,
  valueAt: (host: number, at: number) => number,
  from = 0,
): readonly PeerBatch[] =>
  Array.from({ length: count }, (_, i) => {
    const at = from + i
    const samples = Array.from({ length: hosts }, (_, host) => sampleAt(host, at, valueAt(host, at)))
    return peerBatch(
      samples.filter(({ value }) => !Number.isNaN(value)),
      at + 1,
    )
  })

export function comparePeers(batches: readonly PeerBatch[], config = peerSettings()): RecordingOutput {
  const out = new RecordingOutput()
  peerTask(config).process(peerLog(batches), out)
  return out
}
