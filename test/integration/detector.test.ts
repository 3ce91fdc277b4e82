import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IncidentTask } from '../../services/detector/incidents/incident-task.ts'
import type { Anomaly, Finding, Incident, Window } from '../../shared/avro/types.ts'
import { seriesKey, seriesPartition } from '../../shared/series/series.ts'
import { batchOf, detectorSettings, detectorTask, steady, windowAt } from '../support/detector.ts'
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
const metrics = ['a', 'b', 'c', 'd', 'e', 'f']
const settings = { cooldownWindows: 3, stateIntervalMs: 150_000 }
const rounds = 240

/** The windows of a moment of all series: mostly healthy, sometimes not, sometimes revised later. */
function windowsOf(round: number): readonly Window[] {
  return metrics.flatMap((metric, i) => {
    // One of them stops for a while.
    if (i === 0 && round > 100 && round < 150) return []
    const isBad = round > 20 && (round * 7 + i * 13) % 41 < 2
    const [healthy] = steady(1, { from: round, metric })
    const window = isBad ? windowAt(round, 300 + round, { metric }) : healthy!
    const late = round > 30 && (round + i) % 29 === 0
    return late ? [window, windowAt(round - 3, i % 2 ? 101 : 500, { metric, revision: 1 })] : [window]
  })
}

/** A record for each partition and moment. */
const logs = Array.from({ length: partitions }, (_, partition) =>
  Array.from({ length: rounds }, (_, round) =>
    batchOf(
      windowsOf(round).filter(({ series }) => seriesPartition(seriesKey(series), partitions) === partition),
      round,
    ),
  ),
)

/** What an undisturbed detector says. */
function undisturbed(topics: Installation['topics']): readonly Anomaly[] {
  return logs.flatMap((log) => {
    const out = new RecordingOutput()
    detectorTask(detectorSettings(settings)).process(
      log.map((batch, offset) => record(offset, batch)),
      out,
    )
    return out.of({ ...topics.anomalies, name: 'telemetry.anomalies' })
  })
}

/** What was said of each incident, in order. */
const stories = (anomalies: readonly Anomaly[]) =>
  new Map(
    [...Map.groupBy(anomalies, ({ id }) => id)]
      .map(([id, of]) => [id, of.map(({ message, revision }) => `${revision} ${message}`)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

describe('the detector', () => {
  let installation: Installation
  let sender: Awaited<ReturnType<typeof windowsSender>>
  beforeAll(async () => {
    installation = await install({
      TIDEMARK_DETECTOR_MODEL: 'robust-z-score',
      TIDEMARK_DETECTOR_COOLDOWN_WINDOWS: String(settings.cooldownWindows),
      TIDEMARK_DETECTOR_STATE_INTERVAL_MS: String(settings.stateIntervalMs),
      TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50',
    })
    sender = await windowsSender(installation, logs)
  })
  afterAll(async () => {
    await sender.close()
    await stopServices()
  })

  it('says what an undisturbed one says, each thing once, though its workers are killed again and again', async () => {
    const wanted = undisturbed(installation.topics)
    const said = await collect<Anomaly>(installation, installation.topics.anomalies)
    let workers: readonly RunningService[] = [await startService(installation, 'detector')]
    for (let from = 0; from < rounds; from += 60) {
      await sender.send(from, from + 40)
      const count = said.records.length
      await eventually(
        () => said.records.length,
        (now) => now > count || from === 0,
      )
      const [victim, ...others] = workers
      const successor = startService(installation, 'detector')
      await sender.send(from + 40, from + 50)
      await victim!.kill()
      await sender.send(from + 50, from + 60)
      workers = [...others, await successor]
    }
    await eventually(
      () => said.records.length,
      (count) => count >= wanted.length,
    )
    expect(stories(said.records)).toEqual(stories(wanted))
    expect(wanted.some(({ state }) => state === 'withdrawn')).toBe(true)
    await said.close()

    // All findings are of one scope, so in one partition: what comes of them is what comes of this log.
    const findings = await collect<Finding>(installation, installation.topics.findings)
    await eventually(
      () => findings.records.length,
      (count) => count >= wanted.length,
    )
    const out = new RecordingOutput()
    new IncidentTask(detectorSettings(settings), plainTopics, taskContext()).process(
      findings.records.map((finding, offset) => record(offset, finding)),
      out,
    )
    const expected = out.of(plainTopics.incidents)
    expect(expected.length).toBeGreaterThan(3)
    const incidents = await collect<Incident>(installation, installation.topics.incidents)
    await eventually(
      () => incidents.records.length,
      (count) => count >= expected.length,
    )
    expect(incidents.records.map(({ message, revision }) => `${revision} ${message}`)).toEqual(
      expected.map(({ message, revision }) => `${revision} ${message}`),
    )
    await findings.close()
    await incidents.close()
  })
})
