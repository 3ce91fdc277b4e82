import type { Series, SeriesKind, Tag } from '../../shared/avro/types.ts'
import { BadRecordError } from '../../shared/errors.ts'
import { GenerationalCache } from '../../shared/series/generational-cache.ts'
import { KnownSeries } from '../../shared/series/known-series.ts'
import { matches } from '../../shared/series/pattern.ts'
import { normalizeTags, seriesKey, seriesPartition } from '../../shared/series/series.ts'
import type { NormalizerConfig } from './config.ts'
import { PointRules } from './rules/point-rules.ts'
import type { ValueRange } from './rules/value-range.ts'

/** A series at hand: what the points of one series share. */
export interface SeriesRef {
  readonly series: Series
  readonly partition: number
  /** Of the series in a batch, at most. */
  readonly bytes: number
  /** What a rule says of its values: dropped, or refused outside a range. */
  readonly limit: 'dropped' | ValueRange | undefined
  /** Where it stands in the dictionary of the batch numbered `batch`. */
  batch: number
  index: number
  /** Of its last value there, as PointPacker.add answers. */
  decimals: number
}

/** Makes series from names and tags, and checks them against the limits. */
export class SeriesFactory {
  readonly #limits: Pick<NormalizerConfig, 'maxTags' | 'maxNameBytes'>
  readonly #partitions: number
  readonly #cache: GenerationalCache<string, SeriesRef>
  readonly #kinds: readonly (readonly [pattern: string, kind: SeriesKind])[]
  /** Absent without rules, as is the cache by the names before them. */
  readonly #rules: PointRules | undefined
  readonly #ruled: GenerationalCache<string, SeriesRef> | undefined

  constructor(config: NormalizerConfig, partitions: number) {
    this.#limits = config
    if (config.pointRules.length > 0) {
      this.#rules = new PointRules(config)
      this.#ruled = new GenerationalCache(config.cachedSeries)
    }
    this.#kinds = Object.entries(config.kinds)
    this.#partitions = partitions
    this.#cache = new GenerationalCache(config.cachedSeries)
  }

  /** Throws BadRecordError when a name, a tag or their number breaks a limit, or a key comes twice. */
  series(metric: string, tags: readonly Tag[], kind?: SeriesKind, unit = ''): SeriesRef {
    const normalized = normalizeTags(tags)
    this.#check(metric, normalized)
    const key = seriesKey({ metric, tags: normalized })
    if (!this.#rules) return this.#cache.get(key) ?? this.#make(key, metric, normalized, kind, unit)
    const known = this.#ruled!.get(key)
    if (known) return known
    const ref = this.#byRules(this.#rules, metric, normalized, kind, unit)
    this.#ruled!.set(key, ref)
    return ref
  }

  /** Series that the rules make the same are one, unless what their values are held against differs. */
  #byRules(rules: PointRules, metric: string, tags: readonly Tag[], kind?: SeriesKind, unit = ''): SeriesRef {
    const ruled = rules.apply(metric, tags)
    const normalized = normalizeTags(ruled.tags)
    this.#check(ruled.metric, normalized)
    const key = seriesKey({ metric: ruled.metric, tags: normalized })
    const limit = ruled.isDropped ? 'dropped' : ruled.range
    const known = limit ? undefined : this.#cache.get(key)
    return known ?? this.#make(key, ruled.metric, normalized, kind, unit, limit)
  }

  #make(
    key: string,
    metric: string,
    tags: readonly Tag[],
    kind: SeriesKind | undefined,
    unit: string,
    limit?: SeriesRef['limit'],
  ): SeriesRef {
    const ref: SeriesRef = {
      series: new KnownSeries({ metric, tags, kind: kind ?? this.#kindOf(metric), unit }),
      partition: seriesPartition(key, this.#partitions),
      bytes: Buffer.byteLength(metric) + Buffer.byteLength(unit) + bytesOf(tags),
      limit,
      batch: -1,
      index: -1,
      decimals: 0,
    }
    if (limit === undefined) this.#cache.set(key, ref)
    return ref
  }

  #kindOf(metric: string): SeriesKind {
    return this.#kinds.find(([pattern]) => matches(pattern, metric))?.[1] ?? 'gauge'
  }

  #check(metric: string, tags: readonly Tag[]): void {
    const { maxTags, maxNameBytes } = this.#limits
    if (metric === '') throw new BadRecordError('invalid_name', 'the metric has no name')
    if (tags.length > maxTags)
      throw new BadRecordError('too_many_tags', `${tags.length} tags: at most ${maxTags} are allowed`)
    let previous: string | undefined
    for (const { key, value } of [{ key: metric, value: '' }, ...tags]) {
      if (key === '') throw new BadRecordError('invalid_name', 'a tag has no key')
      for (const text of [key, value]) {
        // A UTF-16 code unit takes at most three bytes of UTF-8.
        if (text.length * 3 > maxNameBytes && Buffer.byteLength(text) > maxNameBytes) {
          throw new BadRecordError(
            'name_too_long',
            `“${text.slice(0, 40)}…” is longer than ${maxNameBytes} bytes`,
          )
        }
      }
      if (key === previous)
        throw new BadRecordError('duplicate_tag', `the tag “${key.slice(0, 80)}” comes twice`)
      previous = key === metric ? undefined : key
    }
  }
}

/** Four bytes for each length and number around the texts. */
const bytesOf = (tags: readonly Tag[]) =>
  tags.reduce((sum, { key, value }) => sum + 8 + Buffer.byteLength(key) + Buffer.byteLength(value), 16)
