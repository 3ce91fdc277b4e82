import type { PointBatch } from '../../shared/avro/types.ts'

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
  for (const [i, { seriesIndex: index, count, bounds, counts, values: marks, form, sketch, ...buckets }] of histograms.entries()) {
    if (index < 0 || index >= series.length)
      return `histogram ${i} belongs to series ${index} of ${series.length}`
    if (!(count >= 0)) return `histogram ${i} has a negative count`
    if (form === 'explicit' && counts.length !== bounds.length + 1)
      return `histogram ${i} has ${counts.length} buckets and ${bounds.length} bounds`
    if (form === 'summary' && marks.length !== bounds.length)
      return `histogram ${i} has ${bounds.length} quantiles and ${marks.length} values`
  }
  return undefined
}
