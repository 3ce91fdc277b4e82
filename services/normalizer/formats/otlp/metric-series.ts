import type { SeriesKind, Tag } from '../../../../shared/avro/types.ts'
import { GenerationalCache } from '../../../../shared/series/generational-cache.ts'
import { matches } from '../../../../shared/series/pattern.ts'
import type { Events, ReaderOptions } from '../../format.ts'
import type { SeriesRef } from '../../series-cache.ts'
import { type Attribute, addTo, attributesOf } from './attributes.ts'
import type { Group } from './message.ts'
import { textOf } from './values.ts'

/** What all points of a metric in one resource and scope share. */
export interface MetricHead {
  /** Of no other head. */
  readonly number: number
  readonly metric: string
  readonly kind: SeriesKind
  readonly unit: string
  readonly tags: ReadonlyMap<string, string>
}

/** A series that was found, and by what. */
interface Found {
  readonly head: MetricHead
  /** Of its attributes, in their order. */
  readonly numbers: readonly number[]
  readonly series: SeriesRef
}

/** Longer ones are no units: OpenTelemetry allows so many characters. */
const maxUnitLength = 63

/**
 * Finds the series of points. Tags are the attributes of the point, of its scope, and those of its resource that are chosen; of the same key
 * the first in this order counts. Heads and attributes have numbers, so that a series that was found once is found again without any text.
 */
export class MetricSeries {
  readonly #patterns: readonly string[]
  readonly #heads: GenerationalCache<string, MetricHead>
  readonly #numbers: GenerationalCache<string, number>
  /** By hash of the numbers: two of the same hash push each other out. */
  readonly #found: GenerationalCache<number, Found>
  #count = 0

  constructor({ resourceTags, cachedSeries }: Pick<ReaderOptions, 'resourceTags' | 'cachedSeries'>) {
    this.#patterns = resourceTags
    this.#heads = new GenerationalCache(cachedSeries)
    this.#numbers = new GenerationalCache(cachedSeries)
    this.#found = new GenerationalCache(cachedSeries)
  }

  /** The tags that all metrics of this resource and scope have. Throws BadRecordError when their attributes can't be read. */
  tagsOf({ resource, scope }: Group): ReadonlyMap<string, string> {
    const all = new Map<string, string>()
    addTo(all, resource.attributes)
    all.set('otel.scope.name', textOf(scope.name, "the scope's name"))
    all.set('otel.scope.version', textOf(scope.version, "the scope's version"))
    const tags = new Map([...all].filter(([key]) => this.#patterns.some((pattern) => matches(pattern, key))))
    addTo(tags, scope.attributes)
    return tags
  }

  head(metric: string, kind: SeriesKind, unit: string, tags: ReadonlyMap<string, string>): MetricHead {
    const texts = [metric, kind, unit]
    for (const [key, value] of tags) texts.push(key, value)
    const text = keyOf(texts)
    let head = this.#heads.get(text)
    if (!head) {
      head = { number: this.#count++, metric, kind, unit: unit.length > maxUnitLength ? '' : unit, tags }
      this.#heads.set(text, head)
    }
    return head
  }

  /** Throws BadRecordError when the attributes can't be read, or the series breaks a limit. */
  of(head: MetricHead, attributes: unknown, events: Events): SeriesRef {
    const own = attributesOf(attributes)
    let hash = head.number
    for (const attribute of own) hash = Math.imul(hash, 0x01000193) ^ this.#numberOf(attribute)
    const found = this.#found.get(hash)
    if (found && found.head === head && isOf(found, own)) return found.series
    const tags = new Map(head.tags)
    for (const attribute of own) tags.set(attribute.key, attribute.text)
    const series = events.series(head.metric, [...tags].map(toTag), head.kind, head.unit)
    this.#found.set(hash, { head, numbers: own.map(({ number }) => number!), series })
    return series
  }

  /** Of key and text together. */
  #numberOf(attribute: Attribute): number {
    if (attribute.number === undefined) {
      const text = keyOf([attribute.key, attribute.text])
      attribute.number = this.#numbers.get(text) ?? this.#count++
      this.#numbers.set(text, attribute.number)
    }
    return attribute.number
  }
}

function isOf({ numbers }: Found, attributes: readonly Attribute[]): boolean {
  if (numbers.length !== attributes.length) return false
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== attributes[i]!.number) return false
  return true
}

const toTag = ([key, value]: readonly [string, string]): Tag => ({ key, value })

/** One text for many, different for different ones. */
function keyOf(texts: readonly string[]): string {
  let key = ''
  for (const text of texts) key += `${text.length}:${text}`
  return key
}
