import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { groupIdOf } from '../../shared/stream/worker.ts'
import { type BenchContext, until } from './bench.ts'
import { type Installation, silent } from './installation.ts'
import { requireRunning, startService } from './service-process.ts'

const timeoutMs = 600_000

/** Lets the normalizer carry the whole raw topic over into points, and ends it. */
export async function normalizeAll(context: BenchContext, installation: Installation): Promise<void> {
  const normalizer = await startService(context, installation, 'normalizer')
  await untilNormalized(context, installation, () => requireRunning(normalizer))
  await normalizer.stop()
}

/** Until the normalizers have committed all that is in the raw topic now; `check` may throw at any time. */
export async function untilNormalized(
  context: BenchContext,
  { config, raw }: Installation,
  check: () => void = () => undefined,
): Promise<void> {
  const admin = await KafkaAdmin.open(config.kafka, silent)
  try {
    const ends = await admin.ranges(raw)
    await until(
      async () => {
        check()
        for (const [partition, { end }] of ends) {
          const committed = await admin.committed(groupIdOf(config.kafka, 'normalizer'), raw, partition)
          if ((committed?.offset ?? 0) < end) return false
        }
        return true
      },
      context,
      timeoutMs,
      () => `the normalizer has not read ${raw}`,
    )
  } finally {
    await admin.close()
  }
}
