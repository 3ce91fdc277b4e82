import { z } from 'zod'
import { selectorSchema, selects } from '../../../shared/series/selector.ts'
import { GroupRules, inOrder, ruleId } from './group-rules.ts'

/** Which series are compared, in the configuration: those that are chosen and alike in the tags `by`. */
export const peerRuleSchema = z.strictObject({
  metric: selectorSchema.shape.metric,
  where: selectorSchema.shape.where,
  by: z.array(z.string().min(1)).max(32),
})

type PeerRule = z.output<typeof peerRuleSchema>

/** Groups of siblings, of one metric each. */
export const peerRules = (rules: readonly PeerRule[]): GroupRules =>
  new GroupRules(
    rules.map((rule) => ({
      id: ruleId('siblings', rule.metric, inOrder(rule.where), rule.by.toSorted()),
      by: rule.by,
      selects: (series) => selects(rule, series),
      nameOf: (series) => series,
    })),
  )
