import type { Series, Tag } from '../../../shared/avro/types.ts'
import { normalizeTags } from '../../../shared/series/series.ts'
import { type Contribution, targetOf } from '../rules/contribution.ts'

const overflowTag = { key: 'overflow', value: 'true' }

export const isOverflowTag = ({ key, value }: Tag) => key === overflowTag.key && value === overflowTag.value

/** The tag's key, with any number of underscores behind it. Asked of each tag of each series in a record, mostly in vain. */
const isReserved = ({ key }: Tag) => key.startsWith(overflowTag.key) && /^overflow_*$/.test(key)

/** A sender's own tag of that name gets one more underscore, so that its series is not taken for an overflow series. */
export function withOwnTags(series: Series): Series {
  if (!series.tags.some(isReserved)) return series
  const tags = series.tags.map((tag) => (isReserved(tag) ? { ...tag, key: `${tag.key}_` } : tag))
  return { ...series, tags: normalizeTags(tags) }
}

/** What a series beyond a limit adds to the overflow series of its metric: its tenant's, or without `tenantTag` that of all. */
export function overflowOf(series: Series, tenantTag: string | undefined): Contribution {
  const by = tenantTag === undefined ? [] : [tenantTag]
  return {
    target: targetOf(series.metric, series, by, series.kind, [overflowTag]),
    add: (into, from, _source, aggregates) => aggregates.merge(into, from),
  }
}

/** Whose overflow series a cumulative series beyond a limit is counted in. */
type Whose = 'tenant' | 'all'

/** No series' own key begins so. */
const begins: Readonly<Record<Whose, string>> = { tenant: '\n\nof tenant\n', all: '\n\nof all\n' }

/**
 * The key, in the table of series and in the state, of a cumulative series beyond a limit: what it gained is known only
 * to who remembers its readings. It has a life of its own, beside one that it may have within the limits later.
 */
export const keyBeyond = (key: string, whose: Whose) => `${begins[whose]}${key}`

/** Undefined of all other keys. */
export function whoseBeyond(key: string): Whose | undefined {
  if (key.startsWith(begins.tenant)) return 'tenant'
  return key.startsWith(begins.all) ? 'all' : undefined
}

/** The key of the series itself. */
export function keyWithin(key: string): string {
  const whose = whoseBeyond(key)
  return whose ? key.slice(begins[whose].length) : key
}
