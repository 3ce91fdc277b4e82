import type { Histogram } from '../avro/types.ts'
import type { SketchStore } from './sketch-store.ts'

// Placeholder until the real one is merged.
export function addHistogram(_store: SketchStore, _handle: number, _histogram: Histogram): void {}
export function subtractHistogram(_later: Histogram, _earlier: Histogram): Histogram | undefined {
  return undefined
}
