import { ConfigurationError } from '../../shared/errors.ts'
import type { TopicsConfig } from '../../shared/kafka/topics-config.ts'
import type { DetectorConfig } from './config.ts'

/** How far back the windows topic is read again after a restart, in event time: what has not been stored for so long is stored as it is. */
export const readBackMs = ({ stateIntervalMs }: Pick<DetectorConfig, 'stateIntervalMs'>) =>
  2 * stateIntervalMs

/** What retention has deleted can't be read again. Throws ConfigurationError. */
export function checkRetention({
  detector,
  topics,
}: {
  readonly detector: DetectorConfig
  readonly topics: Pick<TopicsConfig, 'retentionMs'>
}): void {
  if (readBackMs(detector) <= topics.retentionMs) return
  throw new ConfigurationError(
    `topics.retentionMs, ${topics.retentionMs}, is too short: after a restart the detector reads the windows topic again from ${readBackMs(detector)} ms before, twice detector.stateIntervalMs.`,
  )
}
