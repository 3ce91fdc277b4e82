import type { Histogram } from '../avro/types.ts'
import {
  coarsestScale,
  finestScale,
  keyExists,
  keyOf,
  largestOfKey,
  negativeKey,
  positiveKey,
  zeroKey,
} from './buckets.ts'
import { Contents } from './contents.ts'
import type { SketchStore } from './sketch-store.ts'

// Filled for the length of one call.
const laid = new Contents()

/**
 * Adds the samples of a histogram to a sketch, each one counted:
 *
 *     exponential  by bins, without loss but for merging neighbouring buckets down to the scale of the sketch
 *     explicit     spread evenly inside each bucket, so quantiles are those of Prometheus' histogram_quantile
 *     summary      spread evenly between neighbouring quantiles
 *     sketch       merged
 *
 * The histogram's own sum, min and max count where it has them; else they follow from the bins. The count is that of
 * the buckets, where there are any. A histogram without buckets or quantiles has all its samples at the mean. Throws RangeError, with the sketch as it was, for a histogram that is
 * malformed, or that says nothing of where its samples are.
 */
export function addHistogram(store: SketchStore, handle: number, histogram: Histogram): void {
  if (histogram.form === 'sketch') {
    store.mergeBytes(handle, histogram.sketch)
    return
  }
  const known = { ...histogram, min: finite(histogram.min), max: finite(histogram.max) }
  laid.clear()
  laid.exact = false
  if (known.form === 'exponential') layExponential(known)
  else if (known.form === 'explicit') layExplicit(known)
  else laySummary(known)
  if (laid.bins === 0) layAtMean(known)
  if (known.min !== null && known.max !== null && known.min > known.max)
    throw malformed(`min ${known.min} is above max ${known.max}`)
  laid.layTotals(finite(known.sum), known.min, known.max)
  store.mergeContents(handle, laid)
}

function layExponential(histogram: Histogram): void {
  const { scale, zeroCount, positiveOffset, positiveCounts, negativeOffset, negativeCounts } = histogram
  if (!(Number.isInteger(scale) && scale >= coarsestScale && scale <= 20))
    throw malformed(`scale ${scale} is none of ${coarsestScale} to 20`)
  const finer = Math.max(0, scale - finestScale)
  const level = Math.max(0, finestScale - scale)
  const lay = (key: number, count: number) => {
    if (!keyExists(key, level)) throw malformed('a bucket lies beyond all doubles')
    laid.layBin(key, level, count)
  }
  for (let i = negativeCounts.length - 1; i >= 0; i--)
    if (isFilled(negativeCounts[i]!))
      lay(negativeKey(Math.floor((negativeOffset + i) / 2 ** finer)), negativeCounts[i]!)
  if (isFilled(zeroCount)) lay(zeroKey, zeroCount)
  for (let i = 0; i < positiveCounts.length; i++)
    if (isFilled(positiveCounts[i]!))
      lay(positiveKey(Math.floor((positiveOffset + i) / 2 ** finer)), positiveCounts[i]!)
}

function layExplicit({ bounds, counts, min, max }: Histogram): void {
  if (counts.length > 0 && counts.length !== bounds.length + 1)
    throw malformed(`${bounds.length} bounds make ${bounds.length + 1} buckets, not ${counts.length}`)
  checkAscending(bounds, 'bounds')
  // Without bounds there is one bucket of everything.
  if (bounds.length === 0) return
  for (let i = 0; i < counts.length; i++) {
    if (!isFilled(counts[i]!)) continue
    // As in Prometheus: the first bucket begins at 0 if that lies below its bound, and the last has no width.
    const lower = i > 0 ? bounds[i - 1]! : (min ?? Math.min(0, bounds[0]!))
    const upper = i < bounds.length ? bounds[i]! : (max ?? lower)
    spread(clamp(lower, min, max), clamp(upper, min, max), counts[i]!)
  }
}

function laySummary({ bounds, values, count, min, max }: Histogram): void {
  if (bounds.length !== values.length)
    throw malformed(`${bounds.length} quantiles have ${values.length} values`)
  checkAscending(bounds, 'quantiles')
  if (bounds.length > 0 && !(bounds[0]! >= 0 && bounds.at(-1)! <= 1))
    throw malformed('a quantile is not in [0, 1]')
  if (!isFilled(count)) return
  // An agent that has seen nothing lately says NaN.
  const known = bounds.map((q, i) => ({ q, value: values[i]! })).filter(({ value }) => Number.isFinite(value))
  if (known.length === 0) return
  let below = Math.min(min ?? known[0]!.value, known[0]!.value)
  let placed = 0
  for (const { q, value } of [...known, { q: 1, value: max ?? known.at(-1)!.value }]) {
    const rank = Math.round(q * count)
    // Agents estimate each quantile on its own, so a higher one may come out lower.
    const upper = Math.max(below, value)
    if (rank > placed) spread(below, upper, rank - placed)
    placed = Math.max(placed, rank)
    below = upper
  }
}

function layAtMean({ count, sum, min, max }: Histogram): void {
  if (!isFilled(count)) return
  const mean = Number.isFinite(sum)
    ? sum / count
    : min !== null && max !== null
      ? min / 2 + max / 2
      : Number.NaN
  if (!Number.isFinite(mean)) throw malformed(`it has ${count} samples and says nothing of their values`)
  laid.layBin(keyOf(clamp(mean, min, max), 0), 0, count)
}

/** Places samples evenly in (lower, upper], the j-th of n at lower + (upper - lower) · j / n, so the last one at `upper`. */
function spread(lower: number, upper: number, count: number): void {
  let placed = 0
  while (placed < count) {
    const part = (placed + 1) / count
    const value = Math.min(upper, Math.max(lower, lower * (1 - part) + upper * part))
    const key = keyOf(value, 0)
    const end = largestOfKey(key)
    // In halves, since the distance of two doubles may be none.
    const share = end >= upper ? 1 : (end / 2 - lower / 2) / (upper / 2 - lower / 2)
    const next = Math.max(placed + 1, Math.min(count, Math.floor(share * count)))
    laid.layBin(key, 0, next - placed)
    placed = next
  }
}

/** Whether there are samples. Throws RangeError when it is no number of samples. */
function isFilled(count: number): boolean {
  if (!(count >= 0 && Number.isSafeInteger(count))) throw malformed(`${count} is no number of samples`)
  return count > 0
}

function checkAscending(numbers: readonly number[], what: string): void {
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isFinite(numbers[i]) || (i > 0 && numbers[i]! <= numbers[i - 1]!))
      throw malformed(`its ${what} are not finite and ascending: ${numbers.slice(0, 20).join(', ')}`)
  }
}

const finite = (value: number | null) => (Number.isFinite(value) ? value : null)

const clamp = (value: number, min: number | null, max: number | null) =>
  Math.min(max ?? Infinity, Math.max(min ?? -Infinity, value))

const malformed = (what: string) => new RangeError(`malformed histogram: ${what}`)
