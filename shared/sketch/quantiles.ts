import { keyOf, keyValue } from './buckets.ts'
import type { Contents } from './contents.ts'

/** Writes the samples of nearest rank ⌈q · count⌉ of ascending quantiles in [0, 1]; NaN when empty. */
export function quantiles(contents: Contents, qs: readonly number[], into: Float64Array): void {
  const { exact, count, min, max, samples, keys, counts, level, bins } = contents
  let bin = 0
  let seen = 0
  for (let i = 0; i < qs.length; i++) {
    const rank = rankOf(qs[i]!, count)
    if (count === 0) into[i] = Number.NaN
    else if (exact) into[i] = samples[rank - 1]!
    else if (rank === 1) into[i] = min
    else if (rank === count) into[i] = max
    else {
      while (bin < bins && seen + counts[bin]! < rank) seen += counts[bin++]!
      const value = bin < bins ? keyValue(keys[bin]!, level) : max
      into[i] = value < min ? min : value > max ? max : value
    }
  }
}

/** The trifle taken off keeps 0.07 · 100 from becoming rank 8. */
const rankOf = (q: number, count: number) => Math.min(count, Math.max(1, Math.ceil(q * count * (1 - 1e-12))))

/** How many samples are at most `value`; those within the relative accuracy of it may be counted on either side. */
export function countAtMost(contents: Contents, value: number): number {
  const { exact, count, min, max, samples, keys, counts, level, bins } = contents
  if (value >= max) return count
  if (!(value >= min)) return 0
  let below = 0
  if (exact) {
    while (below < count && samples[below]! <= value) below++
    return below
  }
  const key = keyOf(value, level)
  for (let i = 0; i < bins && keys[i]! <= key; i++) {
    if (keys[i]! < key || value >= keyValue(key, level)) below += counts[i]!
  }
  return below
}
