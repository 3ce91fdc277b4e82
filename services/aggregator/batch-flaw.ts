import type { Histogram, PointBatch } from '../../shared/avro/types.ts'

/** What is wrong with a batch that someone else than the normalizer has written; undefined when it is sound. */
export function flawOf({ series, seriesIndex, times, values, histograms }: PointBatch): string | undefined {
  if (seriesIndex.length !== times.length || values.length !== times.length)
    return 'the columns have different lengths'
  for (let i = 0; i < times.length; i++) {
    const index = seriesIndex[i]!
    if (index < 0 || index >= series.length)
      return `point ${i} belongs to series ${index} of ${series.length}`
    if (!Number.isFinite(values[i]!) || !Number.isFinite(times[i]!)) return `point ${i} is not finite`
  }
  for (const [i, histogram] of histograms.entries()) {
    const flaw = flawOfHistogram(histogram, series.length)
    if (flaw) return `histogram ${i} ${flaw}`
  }
  return undefined
}

function flawOfHistogram(
  { seriesIndex, time, count, form, bounds, counts, values }: Histogram,
  series: number,
): string | undefined {
  if (seriesIndex < 0 || seriesIndex >= series) return `belongs to series ${seriesIndex} of ${series}`
  if (!Number.isFinite(time)) return 'has no time'
  if (!(count >= 0)) return `has a count of ${count}`
  if (form === 'explicit' && counts.length !== bounds.length + 1)
    return `has ${counts.length} buckets and ${bounds.length} bounds`
  if (form === 'summary' && values.length !== bounds.length)
    return `has ${bounds.length} quantiles and ${values.length} values`
  return undefined
}
