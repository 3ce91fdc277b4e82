import { z } from 'zod'
import type { Series } from '../avro/types.ts'
import { matches } from './pattern.ts'

/** Which series are meant: a pattern for the metric's name, and for the values of tags, which must be there. */
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

/** A selector in the configuration. */
export const selectorSchema = z.strictObject({
  metric: z.string().min(1).max(1_024),
  where: z.record(z.string().min(1), z.string().min(1).max(1_024)).default({}),
})
