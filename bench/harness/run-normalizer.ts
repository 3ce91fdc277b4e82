import { setTimeout as delay } from 'node:timers/promises'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { groupIdOf } from '../../shared/stream/worker.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { BenchContext } from './bench.ts'
import { countThings } from './count-things.ts'
import { type Installation, silent } from './installation.ts'
import { both, produceTelemetry, roundsOf, type Written } from './produce-telemetry.ts'
import { measureWork, type Spent, untilProcess } from './run-consumer.ts'
import { startService, untilReady } from './service-process.ts'

interface NormalizerRun {
  /** What was measured. */
  readonly written: Written
  readonly spent: Spent
  /** All that is in the raw topic now. */
  readonly backlog: Written
}

/** Of what is measured: so much is read before, and not counted. Processes start, and their code is compiled. */
const warmUpShare = 0.5

/** After it was read: no transaction is open. */
const settleMs = 1_000

/** Where lines wait for more, they wait where the log ends: the rest has been committed before. */
const waitingShare = 0.01

/**
 * Runs the normalizer until it has committed all of a backlog of so many bytes, and counts what came out. It stands still
 * while the backlog is written. Throws Error when what came out is not exactly what should.
 */
export async function runNormalizer(
  context: BenchContext,
  installation: Installation,
  telemetry: Telemetry,
  bytes: number,
): Promise<NormalizerRun> {
  const { config, raw, topics } = installation
  const admin = await KafkaAdmin.open(config.kafka, silent)
  context.atEnd(() => admin.close())
  const normalizer = await startService(context, installation, 'normalizer')
  await untilReady(context, normalizer)
  const untilRead = async (share: number) => {
    const ends = await admin.ranges(raw)
    const isRead = async () => {
      const committed = (await admin.committedBy(groupIdOf(config.kafka, 'normalizer'), [raw])).get(raw)
      return [...ends].every(
        ([partition, { end }]) => (committed?.get(partition)?.offset ?? 0) >= end * share,
      )
    }
    await untilProcess(context, normalizer, isRead, `the normalizer has not read ${raw}`)
  }
  const [warmUp, measured] = roundsOf(telemetry, [bytes * warmUpShare, bytes])
  const before = await produceTelemetry(context, installation, telemetry, warmUp!)
  await untilRead(1)
  await delay(settleMs, undefined, { signal: context.signal })

  process.kill(normalizer.pid, 'SIGSTOP')
  const written = await produceTelemetry(context, installation, telemetry, measured!).finally(() =>
    process.kill(normalizer.pid, 'SIGCONT'),
  )
  const spent = await measureWork(normalizer, () => untilRead(telemetry.waits ? 1 - waitingShare : 1))
  await untilRead(1)
  await normalizer.stop()

  const backlog = both(before, written)
  const things = await countThings(installation, telemetry.makes)
  const refused = await recordsIn(admin, topics.deadletter.name)
  if (things !== backlog.things || refused > 0)
    throw new Error(
      `${things} of ${backlog.things} ${telemetry.makes} came, and ${refused} records were refused.`,
    )
  return { written, spent, backlog }
}

/** Records of a topic, those that end transactions among them. */
export async function recordsIn(admin: KafkaAdmin, topic: string): Promise<number> {
  return [...(await admin.ranges(topic)).values()].reduce((sum, { start, end }) => sum + end - start, 0)
}
