import { z } from 'zod'

const pattern = z.string().min(1).max(1_024)
const key = z.string().min(1).max(1_024)

/** Which series a rule is for, and what becomes of them. The actions of one rule are done in the order of the keys below. */
const pointRule = z
  .strictObject({
    metric: pattern.default('*'),
    where: z.record(key, pattern).default({}),
    drop: z.literal(true).optional(),
    keep: z.literal(true).optional(),
    rename: z.string().min(1).max(1_024).optional(),
    removeTags: z.array(pattern).min(1).max(100).optional(),
    renameTags: z.record(key, key).optional(),
    addTags: z.record(key, z.string().min(1).max(1_024)).optional(),
    hashTags: z.array(pattern).min(1).max(100).optional(),
    range: z.strictObject({ min: z.number().optional(), max: z.number().optional() }).optional(),
  })
  .superRefine(({ metric, where: _, ...actions }, context) => {
    const wrong = (message: string) => context.addIssue({ code: 'custom', message })
    const named = Object.values(actions).filter((action) => action !== undefined).length
    if (named === 0)
      wrong(
        'the rule does nothing: give it drop, keep, rename, removeTags, renameTags, addTags, hashTags or range',
      )
    if (actions.drop && named > 1) wrong('a rule that drops series can do nothing else with them')
    if (actions.rename !== undefined && stars(actions.rename) > stars(metric))
      wrong('rename has more * than metric: each stands for what the * of metric at that place stood for')
    const { min = -Infinity, max = Infinity } = actions.range ?? {}
    if (actions.range && !(min <= max && (min > -Infinity || max < Infinity)))
      wrong('a range has a min, a max, or a min that is not above its max')
  })

export type PointRule = z.output<typeof pointRule>

const stars = (text: string) => text.split('*').length - 1

export const pointRuleSettings = {
  pointRules: z
    .array(pointRule)
    .max(1_000)
    .default([])
    .meta({
      description:
        'What is done with series by name and tags, rule by rule: drop, keep, rename, removeTags, renameTags, addTags, hashTags, range. See docs/rules.md.',
      example: [{ metric: 'debug.*', drop: true }],
    }),
  hashKey: z.string().min(16).max(1_024).optional().meta({
    description:
      'Key of the hashes that hashTags puts in the place of values. Another key makes other series; without the key nobody can try out which value a hash stands for.',
    secret: true,
  }),
}
