import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DetectorTask } from '../../services/detector/detector-task.ts'
import { PeerTask } from '../../services/detector/peers/peer-task.ts'
import type { Anomaly, PeerBatch, Window, WindowBatch } from '../../shared/avro/types.ts'
import { seriesKey, seriesPartition } from '../../shared/series/series.ts'
import { begin, lastWord, sizeMs, windowAt } from '../support/detector.ts'
import { gaussian } from '../support/gaussian.ts'
import { hostSeries, peerRule, peerSettings } from '../support/peers.ts'
import {
  collect,
  eventually,
  type Installation,
  install,
  type RunningService,
  startService,
  stopServices,
} from '../support/pipeline.ts'
import { RecordingOutput } from '../support/recording-output.ts'
import { topics as plainTopics, record, taskContext } from '../support/task-context.ts'
import { windowsSender } from '../support/windows-sender.ts'

const partitions = 2
const hosts = 8
const rounds = 240
const config = peerSettings({ stateIntervalMs: 150_000, model: 'ensemble' })

/** All follow a wave; now and then one of them does not. */
const next = gaussian(7)
const values = Array.from({ length: rounds }, (_, round) =>
  Array.from({ length: hosts }, (_, host) => {
    const isAway = round > 120 && Math.floor(round / 8) % 2 === 1 && Math.floor(round / 16) % hosts === host
    return (isAway ? 92 : 40 + 10 * Math.sin(round / 30)) + next()
  }),
)
const windowOf = (host: number, round: number): Window => ({
  ...windowAt(round, values[round]![host]!),
  series: hostSeries(host),
})

/** A record for each partition and moment. */
const logs: readonly (readonly WindowBatch[])[] = Array.from({ length: partitions }, (_, partition) =>
  Array.from({ length: rounds }, (_, round) => ({
    windows: Array.from({ length: hosts }, (_, host) => windowOf(host, round)).filter(
      ({ series }) => seriesPartition(seriesKey(series), partitions) === partition,
    ),
    source: { step: 'points', partition, watermark: begin + (round + 1) * sizeMs },
    marker: null,
  })),
)

/** What undisturbed tasks say of siblings. */
function undisturbed(): readonly Anomaly[] {
  const first = logs.map((log, partition) => {
    const out = new RecordingOutput()
    const context = taskContext({ topic: 'windows', partition, partitions })
    new DetectorTask(config, plainTopics, context).process(
      log.map((batch, offset) => record(offset, batch)),
      out,
    )
    return out
  })
  return Array.from({ length: partitions }, (_, partition) => {
    const out = new RecordingOutput()
    // As they come when no partition is far behind.
    const batches = first
      .flatMap((one) => one.sentTo(plainTopics.peers, partition))
      .sort((a, b) => a.watermark! - b.watermark!)
    new PeerTask(config, plainTopics, taskContext({ topic: 'peers', partition, partitions })).process(
      batches.map((batch, offset) => record(offset, batch)),
      out,
    )
    return out.of(plainTopics.anomalies)
  }).flat()
}

/** What is known in the end. */
const essence = (anomalies: readonly Anomaly[]) =>
  [...lastWord(anomalies)]
    .map(([id, { state, start, end, value, windows, series }]) => ({
      id,
      state,
      start,
      end,
      value,
      windows,
      series,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))

describe('the comparison of siblings', () => {
  let installation: Installation
  let sender: Awaited<ReturnType<typeof windowsSender>>
  beforeAll(async () => {
    installation = await install({
      TIDEMARK_DETECTOR_PEERS: JSON.stringify([peerRule]),
      TIDEMARK_DETECTOR_WARNING_ONE_IN: String(config.warningOneIn),
      TIDEMARK_DETECTOR_COOLDOWN_WINDOWS: String(config.cooldownWindows),
      TIDEMARK_DETECTOR_STATE_INTERVAL_MS: String(config.stateIntervalMs),
      TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50',
    })
    sender = await windowsSender(installation, logs)
  })
  afterAll(async () => {
    await sender.close()
    await stopServices()
  })

  it('comes to what undisturbed tasks come to, though workers are killed again and again', async () => {
    const wanted = essence(undisturbed())
    expect(wanted.length).toBeGreaterThan(3)
    expect(wanted.some(({ state }) => state === 'closed')).toBe(true)
    const said = await collect<Anomaly>(installation, installation.topics.anomalies)
    const ofPeers = () => said.records.filter(({ kind }) => kind === 'peer')
    let workers: readonly RunningService[] = [await startService(installation, 'detector')]
    const first = await collect<PeerBatch>(installation, installation.topics.peers)
    for (let from = 0; from < rounds; from += 48) {
      await sender.send(from, from + 30)
      const [victim, ...others] = workers
      const successor = startService(installation, 'detector')
      await sender.send(from + 30, from + 40)
      await victim!.kill()
      await sender.send(from + 40, from + 48)
      workers = [...others, await successor]
      // A partition that is too far behind is no longer waited for.
      const end = begin + (from + 48) * sizeMs
      await eventually(
        () => new Set(first.records.filter(({ watermark }) => watermark === end).map((one) => one.partition)),
        ({ size }) => size === partitions,
      )
    }
    await first.close()
    await eventually(
      () => JSON.stringify(essence(ofPeers())),
      (now) => now === JSON.stringify(wanted),
    )
    await said.close()
  })
})
