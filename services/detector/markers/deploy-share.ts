import type { Marker, Series } from '../../../shared/avro/types.ts'
import type { Census } from '../watch/census.ts'

/**
 * The share of series that a deploy may have changed, at most, in (0, 1]: no more than have the rarest of the tags that it
 * names, or its metric. Of a series that it selects; what is named by a pattern with * counts as all.
 */
export function deployShare({ metric, where }: Marker, series: Series, census: Census): number {
  let share = metric.includes('*') ? 1 : census.metricShare(series)
  const shares = census.tagShares(series)
  for (const [i, { key, value }] of series.tags.entries())
    if (where[key] === value) share = Math.min(share, shares[i]!)
  return share
}
