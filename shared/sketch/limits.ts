/** Quantiles are within this of the exact ones, relative to them, until buckets are merged: (base - 1) / (base + 1), rounded up. */
export const relativeAccuracy = 0.005416

/** Up to so many samples are kept as they are, and quantiles are exact. */
export const exactSamples = 32

/** When more buckets than this are taken, over both signs and zero, neighbours are merged in pairs. */
export const maxBins = 4_096

/** Counts stop here, those of a bucket as well as the whole: 2^45 - 1, 35 trillion. */
export const maxCount = 2 ** 45 - 1
