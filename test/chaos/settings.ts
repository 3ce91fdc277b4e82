import type { ServiceName } from '../../cli/services.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import type { RollUp } from './accounting/views.ts'
import { counter } from './telemetry.ts'

/** Partitions of every topic: an odd number, so that two workers never share them evenly. */
export const partitions = 3

/** Lengths of the windows that the aggregator makes. */
export const sizesMs: readonly number[] = [2_000, 10_000, 60_000]

/** Series that the aggregator makes of others, in its second, repartitioned step. */
export const rollUps: readonly RollUp[] = [{ field: 'latency', by: ['region'], as: 'latency.by_region' }]

/** How far back the events of the flow may lie: most within the allowed disorder, some late, none too late. */
export const flow = { tickMs: 100, disorderMs: 900, lateMs: 20_000, lateShare: 0.05 }

export const sessionTimeoutMs = 6_000
export const idleMs = 3_000
export const longIdleMs = 6_000

/** How many workers of each service there are at first. */
export const workers: Readonly<Record<ServiceName, number>> = {
  normalizer: 2,
  aggregator: 2,
  detector: 1,
  'influx-sink': 2,
  'elasticsearch-sink': 2,
}

export const mostWorkers = 3

/** What each service reads. */
export const inputsOf = (
  topics: Topics,
  raw: readonly string[],
): Readonly<Record<ServiceName, readonly string[]>> => ({
  normalizer: raw,
  aggregator: [topics.points.name, topics.partials.name],
  detector: [topics.windows.name, topics.findings.name, topics.markers.name],
  'influx-sink': [topics.windows.name, topics.anomalies.name, topics.expectations.name],
  'elasticsearch-sink': [topics.logs.name, topics.anomalies.name, topics.incidents.name],
})

/** Environment of the services. Small steps and frequent commits, so that faults fall between and into many of them. */
export const environment: Readonly<Record<string, string>> = {
  TIDEMARK_TOPICS_PARTITIONS: String(partitions),
  TIDEMARK_WORKER_SESSION_TIMEOUT_MS: String(sessionTimeoutMs),
  TIDEMARK_WORKER_MAX_BATCH_RECORDS: '5',
  TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50',
  TIDEMARK_WORKER_MAX_RETRY_BACKOFF_MS: '1000',
  TIDEMARK_AGGREGATOR_SIZES_MS: sizesMs.join(),
  TIDEMARK_AGGREGATOR_ROLL_UPS: JSON.stringify(
    rollUps.map(({ field, by }) => ({ metric: `*.${field}`, by })),
  ),
  TIDEMARK_NORMALIZER_KINDS: `*.${counter.field}=counter`,
  TIDEMARK_AGGREGATOR_LONG_IDLE_MS: String(longIdleMs),
  TIDEMARK_AGGREGATOR_DISORDER_MS: '1000',
  TIDEMARK_AGGREGATOR_IDLE_MS: String(idleMs),
  // Longer than any fault can hold up one partition while the others go on: no point may be too late.
  TIDEMARK_AGGREGATOR_LATENESS_MS: '240000',
  TIDEMARK_DETECTOR_STATISTICS: 'mean,count',
}
