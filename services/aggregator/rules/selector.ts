import type { Series } from '../../../shared/avro/types.ts'
import { matches } from '../../../shared/series/pattern.ts'

/** Which series a rule is about: a pattern for the metric's name, and for the values of tags, which must be there. */
export interface Selector {
  readonly metric: string
  readonly where: Readonly<Record<string, string>>
}

export function selects({ metric, where }: Selector, series: Series): boolean {
  if (!matches(metric, series.metric)) return false
  return Object.entries(where).every(([key, pattern]) => {
    const tag = series.tags.find((one) => one.key === key)
    return tag !== undefined && matches(pattern, tag.value)
  })
}
