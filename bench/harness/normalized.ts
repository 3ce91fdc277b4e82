import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { groupIdOf } from '../../shared/stream/worker.ts'
import { type BenchContext, until } from './bench.ts'
import { type Installation, silent } from './installation.ts'
import { requireRunning, startService } from './service-process.ts'

const timeoutMs = 600_000

/** Lets the normalizer carry the whole raw topic over into points, and ends it. */
export async function normalizeAll(context: BenchContext, installation: Installation): Promise<void> {
  const { config, raw } = installation
  const admin = await KafkaAdmin.open(config.kafka, silent)
  context.atEnd(() => admin.close())
  const ends = await admin.ranges(raw)
  const normalizer = await startService(context, installation, 'normalizer')
  await until(
    async () => {
      requireRunning(normalizer)
      for (const [partition, { end }] of ends) {
        const committed = await admin.committed(groupIdOf(config.kafka, 'normalizer'), raw, partition)
        if ((committed?.offset ?? 0) < end) return false
      }
      return true
    },
    context,
    timeoutMs,
    () => `the normalizer has not read ${raw}; see ${normalizer.logFile}`,
  )
  await normalizer.stop()
}
