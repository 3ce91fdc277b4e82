import { z } from 'zod'
import type { Series } from '../../../shared/avro/types.ts'
import { selectorSchema, selects } from '../../../shared/series/selector.ts'
import type { Statistic } from '../statistics.ts'

/** A value that some series must not meet, in the configuration: the size of a disk, or 0 of what is left of it. */
export const limitRuleSchema = z.strictObject({
  metric: selectorSchema.shape.metric,
  where: selectorSchema.shape.where,
  limit: z.number(),
})

export type LimitRule = z.output<typeof limitRuleSchema>

/** How many there are, how fast they come, and their sum are in other units than the limit of one. */
const otherUnits: ReadonlySet<Statistic> = new Set(['count', 'rate', 'sum'])

const none: readonly number[] = []

/** The limits of one statistic of a series, of all rules that choose it. */
export function limitsOf(
  rules: readonly LimitRule[],
  series: Series,
  statistic: Statistic,
): readonly number[] {
  if (otherUnits.has(statistic)) return none
  const chosen = rules.filter((rule) => selects(rule, series))
  return chosen.length > 0 ? chosen.map(({ limit }) => limit) : none
}
