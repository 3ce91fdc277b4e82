import { connectInflux } from '../../../shared/influx/client.ts'
import type { Logger } from '../../../shared/observability/logger.ts'
import type { Config } from '../../sections.ts'
import type { ReplayRequest } from '../request.ts'
import { compare, sentenceOf } from './compare.ts'
import { readRecomputed } from './recomputed.ts'
import { readStored } from './stored.ts'

/** Tells each difference between what InfluxDB holds of a stretch and what was recomputed; returns their number. */
export async function verify(
  config: Config,
  request: ReplayRequest,
  log: Logger,
  tell: (line: string) => void,
): Promise<number> {
  const recomputed = await readRecomputed(config, request, log)
  // A metric of which nothing was recomputed may belong to another installation that shares the bucket.
  const measurements = [...new Set([...recomputed.values()].map(({ measurement }) => measurement))]
  const stored = await readStored(connectInflux(config.influx), config.influx, measurements, request)
  const counts = { missing: 0, extra: 0, field: 0 }
  for (const difference of compare(stored, recomputed)) {
    counts[difference.kind]++
    tell(sentenceOf(difference))
  }
  const all = counts.missing + counts.extra + counts.field
  const windows = `${recomputed.size.toLocaleString('en')} windows recomputed, ${stored.size.toLocaleString('en')} stored`
  tell(
    all === 0
      ? `✔ ${windows}: no difference.`
      : `✖ ${windows}: ${counts.field} fields differ, ${counts.missing} windows are missing, ${counts.extra} are extra.`,
  )
  return all
}
