import type { Bins } from './bins.ts'

/** Quantiles are within this of the exact ones, relative to them, as long as nothing was collapsed. A little under 1 %, so that rounding cannot carry an error beyond. */
export const relativeAccuracy = 0.0099

/** Up to so many samples are kept as they are, and quantiles are exact. */
export const exactSamples = 64

/** When more bins than this are taken, over both signs, neighbours are merged in pairs. */
export const maxBins = 2_048

/** The state of a sketch: what its bytes hold. */
export interface SketchState {
  /** Samples in any order; undefined once there were more than `exactSamples`. */
  exact: number[] | undefined
  /** How often neighbouring bins have been merged. */
  level: number
  positive: Bins
  negative: Bins
  zeros: number
  count: number
  min: number
  max: number
}
