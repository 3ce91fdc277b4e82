import { textNamed, withFields } from '../../../shared/logs/fields.ts'
import type { PlacedLog } from '../../../shared/logs/placed-log.ts'
import { matches } from '../../../shared/series/pattern.ts'
import type { PointEvents } from '../told-point.ts'
import { Budgets } from './budgets.ts'
import { telling } from './log-points.ts'
import type { LogRule } from './log-rule-settings.ts'
import { redactedTexts, redaction } from './redaction.ts'
import { type Clock, sampling } from './sampling.ts'
import { TextPattern } from './text-pattern.ts'

/** What one rule does with an event: it gives it back, changed or not, or drops it. */
type Step = (log: PlacedLog) => PlacedLog | undefined

interface CompiledRule {
  readonly isFor: (log: PlacedLog) => boolean
  readonly keeps: boolean
  readonly steps: readonly Step[]
}

/** The rules for log events. */
export class LogRules {
  readonly #rules: readonly CompiledRule[]
  readonly #keepsOnly: boolean

  readonly #budgets: Budgets

  /** `memo` is the `memo` of the rules before. Throws RangeError when it is damaged. */
  constructor(rules: readonly LogRule[], events: PointEvents & Clock, memo?: string) {
    const budgets = new Budgets(memo)
    this.#budgets = budgets
    this.#rules = rules.map((rule, index) => compiled(rule, index, budgets, events))
    this.#keepsOnly = rules.some(({ keep }) => keep)
  }

  /** What the rules have counted. */
  get memo(): string {
    return this.#budgets.memo
  }

  /**
   * The event as the rules make it, or undefined if they drop it. Each rule sees what those before it have made. `seen` is
   * told what they have made of it in the end, or until it was dropped.
   */
  apply(log: PlacedLog, seen?: (log: PlacedLog) => void): PlacedLog | undefined {
    let ruled: PlacedLog = log
    let isKept = !this.#keepsOnly
    for (const { isFor, keeps, steps } of this.#rules) {
      if (!isFor(ruled)) continue
      isKept ||= keeps
      for (const step of steps) {
        const next = step(ruled)
        if (!next) {
          seen?.(ruled)
          return undefined
        }
        ruled = next
      }
    }
    seen?.(ruled)
    return isKept ? ruled : undefined
  }
}

function compiled(rule: LogRule, index: number, budgets: Budgets, events: PointEvents & Clock): CompiledRule {
  const steps: Step[] = []
  if (rule.drop) steps.push(() => undefined)
  if (rule.extract) steps.push(extracting(rule.extract))
  if (rule.redact || rule.redactPatterns)
    steps.push(redacting(redaction(rule.redact ?? [], rule.redactPatterns ?? [])))
  for (const one of rule.points ?? []) steps.push(telling(one, events))
  if (rule.sample) steps.push(sampling(index, rule.sample, budgets, events))
  return { isFor: matcherOf(rule), keeps: rule.keep === true, steps }
}

/** What is cheap to ask is asked first. */
function matcherOf({ service, level, message, where }: LogRule): (log: PlacedLog) => boolean {
  const pattern = message === undefined ? undefined : new TextPattern(message)
  const attributes = Object.entries(where)
  return (log) =>
    (level === undefined || level.includes(log.level)) &&
    (service === '*' || matches(service, log.service)) &&
    attributes.every(([name, value]) => {
      const text = textNamed(log.attributes, name)
      return text !== undefined && matches(value, text)
    }) &&
    (pattern === undefined || pattern.isIn(log.message))
}

/** What an attribute held before under the name of a field gives way to it. */
function extracting({ from, pattern: source }: NonNullable<LogRule['extract']>): Step {
  const pattern = new TextPattern(source)
  return (log) => {
    const text = textOf(log, from)
    const fields = text === undefined ? undefined : pattern.fieldsOf(text)
    return fields ? { ...log, attributes: withFields(log.attributes, fields) } : log
  }
}

/** The message, or the attribute of this name. */
const textOf = ({ message, attributes }: PlacedLog, name: string) =>
  name === 'message' ? message : textNamed(attributes, name)

const redacting =
  (redact: (text: string) => string): Step =>
  (log) => {
    const message = redact(log.message)
    const attributes = redactedTexts(log.attributes, redact)
    return message === log.message && attributes === log.attributes ? log : { ...log, message, attributes }
  }
