/**
 * Sorted sparse bins in one array of doubles: each holds its index and its count as `index · 2^35 + count`, so that a
 * bin takes eight bytes and order by number is order by index. Indices fit 17 bits with their sign, counts 35.
 */
export type Bins = number[]

const unit = 2 ** 35

/** Samples in one bin; adding beyond it throws RangeError. */
export const maxBinCount = unit - 1

export const binIndex = (bin: number) => Math.floor(bin / unit)
export const binCount = (bin: number) => bin - binIndex(bin) * unit

/** Adds to the bin of an index, which is made if it is not there. */
export function addToBin(bins: Bins, index: number, count: number): void {
  const from = index * unit
  let low = 0
  let high = bins.length
  // The hot loop of every point: the first bin that is not below `index`.
  while (low < high) {
    const middle = (low + high) >>> 1
    if (bins[middle]! < from) low = middle + 1
    else high = middle
  }
  if (low < bins.length && bins[low]! < from + unit) {
    const sum = bins[low]! + count
    if (sum - from > maxBinCount) throw new RangeError(`a bin holds at most ${maxBinCount} samples`)
    bins[low] = sum
  } else {
    bins.splice(low, 0, from + count)
  }
}

/** The bins of both, as new bins. */
export function mergeBins(a: Bins, b: Bins): Bins {
  const merged = [...a]
  for (const bin of b) addToBin(merged, binIndex(bin), binCount(bin))
  return merged
}

/** Halves the resolution `levels` times: bin i goes to ⌈i / 2^levels⌉. */
export function collapseBins(bins: Bins, levels: number): Bins {
  if (levels === 0) return bins
  const collapsed: Bins = []
  for (const bin of bins) addToBin(collapsed, Math.ceil(binIndex(bin) / 2 ** levels), binCount(bin))
  return collapsed
}
