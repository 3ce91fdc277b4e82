import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { groupIdOf } from '../../shared/stream/worker.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { BenchContext } from './bench.ts'
import { countThings } from './count-things.ts'
import { type Installation, silent } from './installation.ts'
import { untilNormalized } from './normalized.ts'
import type { Written } from './produce-telemetry.ts'
import { measureConsumer, recordsIn, type Spent } from './run-consumer.ts'
import { requireRunning, startService } from './service-process.ts'

/** Where lines wait for more, they wait where the log ends: the rest has been committed before. */
const waitingShare = 0.01

/**
 * Runs the normalizer on what was written, until it has committed it all, and counts what came out. Throws Error when
 * that is not exactly what should.
 */
export async function runNormalizer(
  context: BenchContext,
  installation: Installation,
  { makes, waits }: Telemetry,
  written: Written,
): Promise<Spent> {
  const { config, raw, topics } = installation
  const groupId = groupIdOf(config.kafka, 'normalizer')
  const admin = await KafkaAdmin.open(config.kafka, silent)
  context.atEnd(() => admin.close())
  const ends = await admin.ranges(raw)
  const isDone = async () => {
    const committed = (await admin.committedBy(groupId, [raw])).get(raw)
    for (const [partition, { end }] of ends) {
      const share = waits ? 1 - waitingShare : 1
      if ((committed?.get(partition)?.offset ?? 0) < end * share) return false
    }
    return true
  }
  const normalizer = await startService(context, installation, 'normalizer')
  const spent = await measureConsumer(context, admin, normalizer, {
    groupId,
    what: `the normalizer has not read ${raw}`,
    isDone,
  })
  if (waits) await untilNormalized(context, installation, () => requireRunning(normalizer))
  await normalizer.stop()
  const things = await countThings(installation, makes)
  const refused = await recordsIn(admin, topics.deadletter.name)
  if (things !== written.things || refused > 0)
    throw new Error(`${things} of ${written.things} ${makes} came, and ${refused} records were refused.`)
  return spent
}
