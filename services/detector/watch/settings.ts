import type { DetectorConfig } from '../config.ts'
import type { SeriesDetectorKind } from '../series-detector.ts'
import type { WatchSettings } from './series-watch.ts'

/** What all watches of windows of one length have in common, by the configuration. */
export const watchSettings = (
  config: DetectorConfig,
  kind: SeriesDetectorKind,
  sizeMs: number,
): Omit<WatchSettings, 'tell'> => ({
  kind,
  rarities: config,
  feedbackHalfLifeMs: config.feedbackHalfLifeMs,
  sizeMs,
  cooldownMs: config.cooldownWindows * sizeMs,
  revisableMs: config.revisableMs + sizeMs,
  baseIntervalMs: Math.max(config.stateIntervalMs, 2 * (config.revisableMs + sizeMs)),
})
