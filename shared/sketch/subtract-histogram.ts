import type { Histogram } from '../avro/types.ts'

/**
 * The increase between two cumulative points of one series. Undefined when the series began anew between them: when a
 * count went down, or the form or the bounds changed; then the later point is itself the increase. The quantiles of a
 * summary are those of the later point, since they are no sums. A sketch has no increase.
 */
export function subtractHistogram(later: Histogram, earlier: Histogram): Histogram | undefined {
  if (later.form !== earlier.form || later.form === 'sketch' || later.count < earlier.count) return undefined
  const increase = increaseOf(later, earlier)
  return (
    increase && {
      ...later,
      ...increase,
      count: later.count - earlier.count,
      sum: later.sum - earlier.sum,
      // Of all time. Only a new extreme is known to have come in between.
      min: later.min !== null && earlier.min !== null && later.min < earlier.min ? later.min : null,
      max: later.max !== null && earlier.max !== null && later.max > earlier.max ? later.max : null,
    }
  )
}

function increaseOf(later: Histogram, earlier: Histogram): Partial<Histogram> | undefined {
  if (later.form === 'summary') return {}
  if (later.form === 'exponential') return exponentialIncrease(later, earlier)
  const same =
    later.bounds.length === earlier.bounds.length &&
    later.bounds.every((bound, i) => bound === earlier.bounds[i])
  if (!same || later.counts.length !== earlier.counts.length) return undefined
  const counts = later.counts.map((count, i) => count - earlier.counts[i]!)
  return counts.every((count) => count >= 0) ? { counts } : undefined
}

function exponentialIncrease(later: Histogram, earlier: Histogram): Partial<Histogram> | undefined {
  const scale = Math.min(later.scale, earlier.scale)
  const positive = bucketIncrease(
    merged(later.positiveOffset, later.positiveCounts, later.scale - scale),
    merged(earlier.positiveOffset, earlier.positiveCounts, earlier.scale - scale),
  )
  const negative = bucketIncrease(
    merged(later.negativeOffset, later.negativeCounts, later.scale - scale),
    merged(earlier.negativeOffset, earlier.negativeCounts, earlier.scale - scale),
  )
  const zeroCount = later.zeroCount - earlier.zeroCount
  if (!positive || !negative || zeroCount < 0) return undefined
  return {
    scale,
    zeroCount,
    positiveOffset: positive.offset,
    positiveCounts: positive.counts,
    negativeOffset: negative.offset,
    negativeCounts: negative.counts,
  }
}

interface Buckets {
  readonly offset: number
  readonly counts: readonly number[]
}

/** The buckets after `levels` merges of neighbours. */
function merged(offset: number, counts: readonly number[], levels: number): Buckets {
  if (levels === 0 || counts.length === 0) return { offset, counts }
  const mergedIndex = (index: number) => Math.floor(index / 2 ** levels)
  const first = mergedIndex(offset)
  const fewer: number[] = Array(mergedIndex(offset + counts.length - 1) - first + 1).fill(0)
  counts.forEach((count, i) => {
    fewer[mergedIndex(offset + i) - first]! += count
  })
  return { offset: first, counts: fewer }
}

function bucketIncrease(later: Buckets, earlier: Buckets): Buckets | undefined {
  const counts = [...later.counts]
  for (let i = 0; i < earlier.counts.length; i++) {
    const count = earlier.counts[i]!
    if (count === 0) continue
    const at = earlier.offset + i - later.offset
    if (!(counts[at]! >= count)) return undefined
    counts[at]! -= count
  }
  return { offset: later.offset, counts }
}
