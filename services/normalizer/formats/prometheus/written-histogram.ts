import type { CountedSamples } from '../../format.ts'
import { type Long, numberOfLong } from '../../protobuf/long.ts'
import { finiteSum, malformed, neededSum, samplesIn } from './classic-histogram.ts'
import { exponentialHistogram, type Span, spread } from './native-histogram.ts'
import type { Histogram } from './write-request.ts'

/** The schema of histograms with bounds of their own. */
const customBounds = -53

/** A native histogram of remote write. Throws BadRecordError when it contradicts itself, or counts in fractions. */
export function writtenHistogram(histogram: Histogram): CountedSamples {
  const { schema, sum, positiveSpans, negativeSpans } = histogram
  const time = numberOfLong(histogram.timestamp)
  const count = whole(histogram.countInt, histogram.countFloat)
  const positive = {
    spans: positiveSpans,
    counts: countsOf(histogram.positiveDeltas, histogram.positiveCounts),
  }
  if (schema === customBounds) return customHistogram(histogram, time, count, positive)
  return exponentialHistogram({
    time,
    schema,
    count,
    sum,
    zeroCount: whole(histogram.zeroCountInt, histogram.zeroCountFloat),
    positive,
    negative: {
      spans: negativeSpans,
      counts: countsOf(histogram.negativeDeltas, histogram.negativeCounts),
    },
  })
}

function customHistogram(
  { sum, customValues: bounds }: Histogram,
  time: number,
  count: number,
  { spans, counts }: { readonly spans: readonly Span[]; readonly counts: readonly number[] },
): CountedSamples {
  const total = samplesIn(count)
  const { offset, counts: filled } = spread(spans, counts)
  if (offset < 0 || offset + filled.length > bounds.length + 1)
    throw malformed('a bucket lies beyond its bounds')
  if (bounds.some((bound, i) => !Number.isFinite(bound) || (i > 0 && bound <= bounds[i - 1]!)))
    throw malformed('its bounds are not finite and ascending')
  if (bounds.length === 0) return { time, form: 'explicit', count: total, sum: neededSum(sum, total) }
  const all = bounds.map((_, i) => filled[i - offset] ?? 0)
  all.push(filled[bounds.length - offset] ?? 0)
  const isPlaced = filled.some((inside) => inside > 0)
  return {
    time,
    form: 'explicit',
    count: total,
    sum: isPlaced ? finiteSum(sum) : neededSum(sum, total),
    bounds,
    counts: all,
  }
}

const whole = (int: Long | null, float: number | null) => (int === null ? (float ?? 0) : numberOfLong(int))

/** Each delta is to the bucket before it. */
function countsOf(deltas: readonly Long[], counts: readonly number[]): readonly number[] {
  if (deltas.length === 0) return counts
  let count = 0
  return deltas.map((delta) => {
    count += numberOfLong(delta)
    return count
  })
}
