import type { Series } from '../../../shared/avro/types.ts'
import { GenerationalCache } from '../../../shared/series/generational-cache.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import { hashText } from '../../../shared/series/series.ts'

/** The group that a series belongs to. */
export interface GroupTarget {
  readonly rule: string
  /** What is common to all of its series: the metric, or the name of the rule, with the tags that are the same in all of them. */
  readonly group: Series
}

/** A rule that makes groups of series. */
export interface GroupRule {
  /** Changes with the rule: groups of another rule are others, and begin anew. */
  readonly id: string
  /** Tags in which all series of a group are alike, and which they must have. */
  readonly by: readonly string[]
  selects(series: Series): boolean
  /** What a group is called that this series is in. */
  nameOf(series: Series): Pick<Series, 'metric' | 'kind' | 'unit'>
}

/** Series that a rule was looked for are remembered: they come again with each window. */
const remembered = 200_000

/** Finds the group of a series. The first rule that chooses a series counts. */
export class GroupRules {
  readonly #rules: readonly GroupRule[]
  readonly #ids: ReadonlySet<string>
  readonly #targets = new GenerationalCache<string, GroupTarget | 'none'>(remembered)

  constructor(rules: readonly GroupRule[]) {
    this.#rules = rules
    this.#ids = new Set(rules.map(({ id }) => id))
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0
  }

  /** Whether a rule of this name is among them. */
  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Undefined when it is in none. */
  targetOf(series: Series): GroupTarget | undefined {
    const key = keyOf(series)
    let target = this.#targets.get(key)
    if (target === undefined) {
      target = this.#find(series) ?? 'none'
      this.#targets.set(key, target)
    }
    return target === 'none' ? undefined : target
  }

  #find(series: Series): GroupTarget | undefined {
    const rule = this.#rules.find((one) => hasAll(series, one.by) && one.selects(series))
    if (!rule) return undefined
    const { metric, kind, unit } = rule.nameOf(series)
    const tags = series.tags.filter(({ key }) => rule.by.includes(key))
    return { rule: rule.id, group: { metric, tags, kind, unit } }
  }
}

const hasAll = ({ tags }: Series, keys: readonly string[]) =>
  keys.every((key) => tags.some((tag) => tag.key === key))

/** A short name for a rule, made of all that it says. */
export const ruleId = (...says: readonly unknown[]) => hashText(JSON.stringify(says)).toString(36)

/** The same for the same tags, in whatever order they were written. */
export const inOrder = (where: Readonly<Record<string, string>>) =>
  Object.entries(where).sort(([a], [b]) => (a < b ? -1 : 1))
