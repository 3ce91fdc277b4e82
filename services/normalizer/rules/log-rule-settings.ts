import { z } from 'zod'
import type { LogLevel } from '../../../shared/avro/types.ts'
import { redactionKinds } from './redaction.ts'
import { TextPattern } from './text-pattern.ts'

const levels = [
  'unknown',
  'trace',
  'debug',
  'info',
  'warn',
  'error',
  'fatal',
] as const satisfies readonly LogLevel[]
const pattern = z.string().min(1).max(1_024)
const name = z.string().min(1).max(1_024)

/** A regular expression of a person, with grok's %{NAME} in it. */
const textPattern = z
  .string()
  .min(1)
  .max(4_096)
  .superRefine((text, context) => {
    try {
      new TextPattern(text)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      context.addIssue({ code: 'custom', message: `no pattern of RE2’s syntax: ${error.message}` })
    }
  })

const extraction = z.strictObject({
  from: name.default('message'),
  pattern: textPattern.refine(
    (text) => !isPattern(text) || new TextPattern(text).fields.length > 0,
    'it extracts nothing: name what it should, as %{NUMBER:took} or (?P<took>[0-9]+)',
  ),
})

/** A series of which each event is a point: with the number in the field `value`, of a set with its text as a member, or else with 1. */
const point = z
  .strictObject({
    metric: name,
    value: name.optional(),
    tags: z.array(name).max(32).default(['service']),
    kind: z.enum(['gauge', 'counter', 'delta', 'distribution', 'set']).optional(),
    unit: z.string().max(63).default(''),
  })
  .refine(
    ({ kind, value }) => kind !== 'set' || value !== undefined,
    'a set needs a field whose values it counts: name it in value',
  )

const sample = z
  .strictObject({
    ratio: z.number().gt(0).lt(1).optional(),
    perSecond: z.number().int().min(1).max(1_000_000).optional(),
    by: z.enum(['service', 'level']).optional(),
  })
  .refine(
    ({ ratio, perSecond, by }) => (ratio === undefined) !== (perSecond === undefined) && !(by && ratio),
    'a sample is a ratio, or so many events perSecond, these by service or level if need be',
  )

/** Which log events a rule is for, and what becomes of them. The actions of one rule are done in the order of the keys below. */
const logRule = z
  .strictObject({
    service: pattern.default('*'),
    level: z.array(z.enum(levels)).min(1).optional(),
    message: textPattern.optional(),
    where: z.record(name, pattern).default({}),
    drop: z.literal(true).optional(),
    keep: z.literal(true).optional(),
    extract: extraction.optional(),
    redact: z.array(z.enum(redactionKinds)).min(1).optional(),
    redactPatterns: z.array(textPattern).min(1).max(100).optional(),
    points: z.array(point).min(1).max(100).optional(),
    sample: sample.optional(),
  })
  .superRefine(({ service: _1, level: _2, message: _3, where: _4, ...actions }, context) => {
    const named = Object.values(actions).filter((action) => action !== undefined).length
    if (named === 0)
      context.addIssue({
        code: 'custom',
        message:
          'the rule does nothing: give it drop, keep, extract, redact, redactPatterns, points or sample',
      })
    if (actions.drop && named > 1)
      context.addIssue({
        code: 'custom',
        message: 'a rule that drops log events can do nothing else with them',
      })
  })

export type LogRule = z.output<typeof logRule>

function isPattern(text: string): boolean {
  try {
    return new TextPattern(text) !== undefined
  } catch {
    return false
  }
}

export const logRuleSettings = {
  logRules: z
    .array(logRule)
    .max(1_000)
    .default([])
    .meta({
      description:
        'What is done with log events by service, level, message and attributes, rule by rule: drop, keep, extract, redact, redactPatterns, points, sample. See docs/rules.md.',
      example: [{ redact: ['cards', 'tokens', 'emails'] }],
    }),
}
