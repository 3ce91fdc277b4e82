import { ConfigurationError } from '../../shared/errors.ts'
import type { TopicsConfig } from '../../shared/kafka/topics-config.ts'
import type { AggregatorConfig } from './config.ts'

/**
 * A restart reads the points topic again from where the oldest window begins that still takes points, or that has left
 * since its series was stored; what retention has deleted by then is lost to it. Throws ConfigurationError.
 */
export function checkRetention({
  aggregator,
  topics,
}: {
  readonly aggregator: AggregatorConfig
  readonly topics: Pick<TopicsConfig, 'retentionMs'>
}): void {
  const { sizesMs, disorderMs, latenessMs, stateIntervalMs, maxHoldBackMs } = aggregator
  const readBackMs = sizesMs[0]! + disorderMs + latenessMs + stateIntervalMs + maxHoldBackMs
  if (readBackMs <= topics.retentionMs) return
  throw new ConfigurationError(
    `topics.retentionMs, ${topics.retentionMs}, is too short: after a restart the aggregator reads the points topic again from up to ${readBackMs} ms before, the shortest of aggregator.sizesMs plus disorderMs, latenessMs, stateIntervalMs and maxHoldBackMs.`,
  )
}
