import { z } from 'zod'
import { selectorSchema, selects } from '../../../shared/series/selector.ts'
import { GroupRules, inOrder, ruleId } from '../peers/group-rules.ts'

/** Which series are fields of one entity, in the configuration: those of the metrics that have the same tags `by`. */
export const entityRuleSchema = z.strictObject({
  name: z.string().min(1).max(1_024),
  metrics: z.array(selectorSchema.shape.metric).min(1).max(32),
  where: selectorSchema.shape.where,
  by: z.array(z.string().min(1)).min(1).max(32),
})

type EntityRule = z.output<typeof entityRuleSchema>

/** Entities, by the name of their rule. */
export const entityRules = (rules: readonly EntityRule[]): GroupRules =>
  new GroupRules(
    rules.map(({ name, metrics, where, by }) => ({
      id: ruleId('fields', name, metrics.toSorted(), inOrder(where), by.toSorted()),
      by,
      selects: (series) => metrics.some((metric) => selects({ metric, where }, series)),
      nameOf: () => ({ metric: name, kind: 'gauge', unit: '' }),
    })),
  )
