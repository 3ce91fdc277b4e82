import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { type BenchContext, until } from '../harness/bench.ts'
import { type Installation, silent } from '../harness/installation.ts'
import { readPeerWindows } from '../harness/read-windows.ts'
import { type Measured, measured } from '../harness/result.ts'
import { tallyFigures } from '../harness/run-pipeline.ts'
import { requireRunning } from '../harness/service-process.ts'
import { WindowTally } from '../harness/window-tally.ts'
import type { Workload } from '../harness/workload.ts'
import { buildKafkaStreamsPeer, startKafkaStreamsPeer } from './kafka-streams.ts'

const timeoutMs = 600_000

/**
 * Runs the Kafka Streams application on the backlog until every window has come; undefined, with a word to the reader,
 * where it can't be built. `close` writes the messages that close the last windows: only when it has read all others,
 * because its stream time is the latest of any raw partition, and what lags behind would be late and lost.
 */
export async function runKafkaStreams(
  context: BenchContext,
  { config, name, raw }: Installation,
  workload: Workload,
  partitions: number,
  close: () => Promise<void>,
): Promise<Measured | undefined> {
  const peer = await buildKafkaStreamsPeer(context)
  if (typeof peer === 'string') {
    context.report(`the Kafka Streams application is left out: ${peer}`)
    return undefined
  }
  context.report('running the Kafka Streams application')
  const output = `${name}.peer-windows`
  const applicationId = `${name}-peer`
  const admin = await KafkaAdmin.open(config.kafka, silent)
  context.atEnd(() => admin.close())
  await admin.createTopics([{ name: output, partitions, replicationFactor: 1, config: {} }])
  const ends = await admin.ranges(raw)

  const tally = new WindowTally(workload)
  await readPeerWindows(context, { config, name }, output, workload.size.windowMs, (window) =>
    tally.add(window),
  )
  const started = performance.now()
  const { brokers } = config.kafka
  const running = await startKafkaStreamsPeer(context, peer, { brokers, applicationId, input: raw, output })
  const waiting = (question: () => boolean | Promise<boolean>, what: () => string) =>
    until(
      () => {
        requireRunning(running)
        return question()
      },
      context,
      timeoutMs,
      () => `${what()}; see ${running.logFile}`,
    )
  const hasReadAll = async () => {
    for (const [partition, { end }] of ends) {
      const committed = await admin.committed(applicationId, raw, partition)
      if ((committed?.offset ?? 0) < end) return false
    }
    return true
  }
  await waiting(hasReadAll, () => 'the Kafka Streams application has not read the raw topic')
  await close()
  // It emits a window once. What it took for late is lost, and told by the points counted.
  await waiting(
    () => tally.seen === workload.seriesWindows,
    () => `${tally.seen} of ${workload.seriesWindows} windows have come from the Kafka Streams application`,
  )
  const cpuSeconds = running.cpuSeconds()
  const wallSeconds = (performance.now() - started) / 1_000
  const residentBytes = running.residentBytes()
  await running.stop('SIGKILL')
  return measured(workload.points, cpuSeconds, wallSeconds, {
    rss_bytes: residentBytes,
    ...tallyFigures(tally.report()),
  })
}
