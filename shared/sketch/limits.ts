/** Quantiles are within this of the exact ones, relative to them, until buckets are merged: (base - 1) / (base + 1), rounded up. */
export const relativeAccuracy = 0.005416

/** Up to so many samples are kept as they are, and quantiles are exact. */
export const exactSamples = 32

/** Buckets are kept in groups of 8 neighbours. */
export const groupBits = 3
export const groupMask = (1 << groupBits) - 1

/** When more groups than this have samples, over both signs and zero, neighbouring buckets are merged in pairs. At the finest scale that is 60 octaves of each sign. */
export const maxGroups = 960

/** The most buckets that may have samples. */
export const maxBins = maxGroups << groupBits

/** Counts stop here, those of a bucket as well as the whole: 2^45 - 1, 35 trillion. */
export const maxCount = 2 ** 45 - 1
