import type { Tag } from '../../../shared/avro/types.ts'
import { matches } from '../../../shared/series/pattern.ts'
import type { NormalizerConfig } from '../config.ts'
import type { PointRule } from './point-rule-settings.ts'
import { starsOf, withStars } from './rename.ts'
import { tagHash } from './tag-hash.ts'
import { narrowed, type ValueRange } from './value-range.ts'

/** What the rules make of a series. */
interface RuledSeries {
  readonly metric: string
  readonly tags: readonly Tag[]
  readonly isDropped: boolean
  /** Values outside are refused. */
  readonly range: ValueRange | undefined
}

/** The rules for points, which are decided once a series. */
export class PointRules {
  readonly #rules: readonly PointRule[]
  readonly #hashKey: string
  readonly #keepsOnly: boolean

  constructor({ pointRules, hashKey = '' }: Pick<NormalizerConfig, 'pointRules' | 'hashKey'>) {
    this.#rules = pointRules
    this.#hashKey = hashKey
    this.#keepsOnly = pointRules.some(({ keep }) => keep)
  }

  /** Each rule sees what those before it have made. */
  apply(metric: string, tags: readonly Tag[]): RuledSeries {
    let ruled: RuledSeries = { metric, tags, isDropped: false, range: undefined }
    let isKept = false
    for (const rule of this.#rules) {
      if (!isFor(rule, ruled)) continue
      if (rule.drop) return { ...ruled, isDropped: true }
      isKept ||= rule.keep === true
      ruled = {
        metric: renamed(rule, ruled.metric),
        tags: this.#tagsBy(rule, ruled.tags),
        isDropped: false,
        range: rule.range ? narrowed(ruled.range, rule.range) : ruled.range,
      }
    }
    return this.#keepsOnly && !isKept ? { ...ruled, isDropped: true } : ruled
  }

  #tagsBy({ removeTags, renameTags, addTags, hashTags }: PointRule, tags: readonly Tag[]): readonly Tag[] {
    let changed = tags
    if (removeTags) changed = changed.filter(({ key }) => !named(removeTags, key))
    if (renameTags)
      changed = changed.reduce<readonly Tag[]>((list, { key, value }) => {
        const to = Object.hasOwn(renameTags, key) ? renameTags[key]! : key
        // What had the name before gives way, lest a renaming refuse the point.
        return to === key && list.some((one) => one.key === to) ? list : replaced(list, { key: to, value })
      }, [])
    for (const [key, value] of Object.entries(addTags ?? {})) changed = replaced(changed, { key, value })
    if (hashTags)
      changed = changed.map(({ key, value }) =>
        named(hashTags, key) ? { key, value: tagHash(this.#hashKey, value) } : { key, value },
      )
    return changed
  }
}

/** A rule asks for a tag by a pattern of its value; a series without the tag is not meant. */
const isFor = ({ metric, where }: PointRule, series: RuledSeries) =>
  matches(metric, series.metric) &&
  Object.entries(where).every(([key, pattern]) =>
    series.tags.some((tag) => tag.key === key && matches(pattern, tag.value)),
  )

const renamed = ({ metric, rename }: PointRule, name: string) =>
  rename === undefined ? name : withStars(rename, starsOf(metric, name) ?? [])

const named = (patterns: readonly string[], key: string) => patterns.some((pattern) => matches(pattern, key))

const replaced = (tags: readonly Tag[], tag: Tag): readonly Tag[] => [
  ...tags.filter(({ key }) => key !== tag.key),
  tag,
]
