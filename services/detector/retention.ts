import type { Marker } from '../../shared/avro/types.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import type { TopicsConfig } from '../../shared/kafka/topics-config.ts'
import type { DetectorConfig } from './config.ts'

/** How far back the windows topic is read again after a restart, in event time: what has not been stored for so long is stored as it is. */
export const readBackMs = ({ stateIntervalMs }: Pick<DetectorConfig, 'stateIntervalMs'>) =>
  2 * stateIntervalMs

/** After so many half-lives what was said of an anomaly moves a threshold by less than a nat. */
const maxHalfLives = 11

/**
 * For how long a marker is kept once it is over, in event time: until no window that it is about can be judged any more. The
 * windows that are kept of a series lie at most three bases behind its last one, and a series is forgotten `forgetMs` after that.
 */
export function markerKeepMs(
  { forgetMs, stateIntervalMs, revisableMs, windowSizesMs, feedbackHalfLifeMs }: DetectorConfig,
  { anomaly }: Marker,
): number {
  const baseMs = Math.max(stateIntervalMs, 2 * (revisableMs + Math.max(...windowSizesMs)))
  const judgedMs = forgetMs + stateIntervalMs + 3 * baseMs
  return anomaly ? Math.max(judgedMs, maxHalfLives * feedbackHalfLifeMs) : judgedMs
}

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
