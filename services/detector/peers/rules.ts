import { z } from 'zod'
import type { Series } from '../../../shared/avro/types.ts'
import { GenerationalCache } from '../../../shared/series/generational-cache.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import { selectorSchema, selects } from '../../../shared/series/selector.ts'
import { hashText } from '../../../shared/series/series.ts'

/** Which series are compared, in the configuration: those that are chosen and alike in the tags `by`. */
export const peerRuleSchema = z.strictObject({
  metric: selectorSchema.shape.metric,
  where: selectorSchema.shape.where,
  by: z.array(z.string().min(1)).max(32),
})

export type PeerRule = z.output<typeof peerRuleSchema>

/** What the siblings of a series have in common. */
export interface PeerTarget {
  readonly rule: string
  /** The metric, with the tags that are the same in all of them. */
  readonly group: Series
}

/** Series that a rule was looked for are remembered: they come again with each window. */
const remembered = 200_000

/** Finds the group of a series. The first rule that chooses a series counts. */
export class PeerRules {
  readonly #rules: readonly (PeerRule & { readonly id: string })[]
  readonly #ids: ReadonlySet<string>
  readonly #targets = new GenerationalCache<string, PeerTarget | 'none'>(remembered)

  constructor(rules: readonly PeerRule[]) {
    this.#rules = rules.map((rule) => ({ ...rule, id: idOf(rule) }))
    this.#ids = new Set(this.#rules.map(({ id }) => id))
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0
  }

  /** Whether a rule of this name is among them. */
  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Undefined when it is compared with none. */
  targetOf(series: Series): PeerTarget | undefined {
    const key = keyOf(series)
    let target = this.#targets.get(key)
    if (target === undefined) {
      target = this.#find(series) ?? 'none'
      this.#targets.set(key, target)
    }
    return target === 'none' ? undefined : target
  }

  #find(series: Series): PeerTarget | undefined {
    const rule = this.#rules.find((one) => selects(one, series) && hasAll(series, one.by))
    if (!rule) return undefined
    const tags = series.tags.filter(({ key }) => rule.by.includes(key))
    const group = { metric: series.metric, tags, kind: series.kind, unit: series.unit }
    return { rule: rule.id, group }
  }
}

const hasAll = ({ tags }: Series, keys: readonly string[]) =>
  keys.every((key) => tags.some((tag) => tag.key === key))

/** Changes with the rule: groups of another rule are others, and begin anew. */
const idOf = ({ metric, where, by }: PeerRule) =>
  hashText(
    JSON.stringify([metric, Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1)), by.toSorted()]),
  ).toString(36)
