import { BadRecordError } from '../../../shared/errors.ts'
import type { ModelKind } from '../models/series-model.ts'
import type { SeriesDetectorKind } from '../series-detector.ts'
import { Panel } from './panel.ts'
import { PanelDetector } from './panel-detector.ts'
import { ensembleModels } from './registry.ts'

/** Raised with each change of what the bytes mean: older states are then refused, and the series starts anew. */
const version = 4

/** A detector whose verdict is that of all these models together. */
export function detectorOf(name: string, kinds: readonly ModelKind[]): SeriesDetectorKind {
  const panel = new Panel(kinds)
  return {
    name,
    models: kinds.map((kind) => kind.name),
    create(stepMs) {
      const { layout } = panel
      return new PanelDetector(panel, panel.firstBlock(stepMs), layout.early(), version)
    },
    decode(bytes) {
      const { layout } = panel
      const whole = layout.bytes + 1
      const isYoung = bytes.length === whole + layout.earlyBytes
      if (bytes[0] !== version || !(isYoung || bytes.length === whole))
        throw new BadRecordError(
          'invalid_state',
          `A state of version ${bytes[0]} with ${bytes.length} bytes is none of the detector “${name}”: it writes version ${version} with ${whole} bytes, of young series ${whole + layout.earlyBytes}.`,
        )
      // Copies: the bytes may be a view of a larger buffer.
      const early = isYoung ? layout.early(new Uint8Array(bytes.subarray(whole)).buffer) : undefined
      return new PanelDetector(panel, new Uint8Array(bytes.subarray(1, whole)), early, version)
    },
  }
}

/** All models together: the default. */
export const ensemble: SeriesDetectorKind = detectorOf('ensemble', ensembleModels)

/** Each model alone, with the forecast that all of them share. */
export const alone: readonly SeriesDetectorKind[] = ensembleModels.map((kind) =>
  detectorOf(kind.name, [kind]),
)
