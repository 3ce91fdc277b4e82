import type { Series, SeriesKind, Tag } from '../../shared/avro/types.ts'
import { BadRecordError } from '../../shared/errors.ts'
import { GenerationalCache } from '../../shared/series/generational-cache.ts'
import { KnownSeries } from '../../shared/series/known-series.ts'
import { matches } from '../../shared/series/pattern.ts'
import { normalizeTags, seriesKey, seriesPartition } from '../../shared/series/series.ts'
import type { NormalizerConfig } from './config.ts'
import { Fingerprint } from './duplicates/fingerprint.ts'
import { type SeriesIdentity, seriesIdentity } from './duplicates/series-identity.ts'
import type { ProducerClock } from './metrics/producer-clocks.ts'
import { asItIs, CanonicalNames, type CanonicalSeries, type Conversion } from './names/canonical-names.ts'
import { allMappings } from './names/tables.ts'
import { PointRules } from './rules/point-rules.ts'
import type { ValueRange } from './rules/value-range.ts'
import type { Tenant } from './tenants/tenant.ts'

/** A series at hand: what the points of one series share. */
export interface SeriesRef {
  readonly series: Series
  readonly partition: number
  /** Of the series in a batch, at most. */
  readonly bytes: number
  /** What a rule says of its values: dropped, or refused outside a range. */
  readonly limit: 'dropped' | ValueRange | undefined
  /** What tells its points from others', by the names before any rule; undefined when its points are not looked for among earlier ones. */
  readonly identity?: SeriesIdentity | undefined
  /** For metrics: of the host that its tags name, once somebody has asked. */
  clock?: ProducerClock | undefined
  /** Where it stands in the dictionary of the batch numbered `batch`. */
  batch: number
  index: number
  /** Of its last value there, as PointPacker.add answers. */
  decimals: number
  /** Where its last exemplar stands there; below 0 when it has none. */
  exemplarAt?: number
  /**
   * Where its points go, and how their values change, when they are kept in another unit. Histograms can't be converted:
   * they keep this series.
   */
  readonly canonical?: { readonly ref: SeriesRef; readonly conversion: Conversion } | undefined
  /** With tenants: whose it was taken for last, and the series with that tenant's tag. */
  owner?: Tenant | undefined
  owned?: SeriesRef | undefined
  /** The window in which its tenant has shown it last. */
  shownIn?: number
}

/** Makes series from names and tags, and checks them against the limits. */
export class SeriesFactory {
  readonly #limits: Pick<NormalizerConfig, 'maxTags' | 'maxNameBytes'>
  readonly #partitions: number
  readonly #cache: GenerationalCache<string, SeriesRef>
  readonly #names: CanonicalNames | undefined
  readonly #kinds: readonly (readonly [pattern: string, kind: SeriesKind])[]
  /** Absent without rules, as is the cache by the names before them. */
  readonly #rules: PointRules | undefined
  readonly #ruled: GenerationalCache<string, SeriesRef> | undefined
  /** A set beside another series of the same name: its members would be taken for values, or values for members. */
  readonly #sets: GenerationalCache<string, SeriesRef>
  readonly #ruledSets: GenerationalCache<string, SeriesRef> | undefined

  /** Absent when no duplicates of points are looked for. */
  readonly #print: Fingerprint | undefined

  constructor(config: NormalizerConfig, partitions: number) {
    this.#limits = config
    if (config.pointRules.length > 0) {
      this.#rules = new PointRules(config)
      this.#ruled = new GenerationalCache(config.cachedSeries)
      this.#ruledSets = new GenerationalCache(config.cachedSeries)
    }
    if (config.duplicates.of.includes('points')) this.#print = new Fingerprint()
    this.#kinds = Object.entries(config.kinds)
    this.#names =
      config.names === 'canonical' ? new CanonicalNames(allMappings, config.originalNameTag) : undefined
    this.#partitions = partitions
    this.#cache = new GenerationalCache(config.cachedSeries)
    this.#sets = new GenerationalCache(config.cachedSeries)
  }

  /** Throws BadRecordError when a name, a tag or their number breaks a limit, or a key comes twice. */
  series(metric: string, tags: readonly Tag[], kind?: SeriesKind, unit = ''): SeriesRef {
    const normalized = normalizeTags(tags)
    this.#check(metric, normalized)
    const key = seriesKey({ metric, tags: normalized })
    if (!this.#rules) return this.#cacheOf(kind).get(key) ?? this.#make(key, metric, normalized, kind, unit)
    const ruled = kind === 'set' ? this.#ruledSets! : this.#ruled!
    const known = ruled.get(key)
    if (known) return known
    const ref = this.#calledBefore(key, this.#byRules(this.#rules, metric, normalized, kind, unit))
    ruled.set(key, ref)
    return ref
  }

  #cacheOf(kind: SeriesKind | undefined): GenerationalCache<string, SeriesRef> {
    return kind === 'set' ? this.#sets : this.#cache
  }

  /** The same series with this tag, whatever value it had of it. */
  tagged({ series: { metric, tags, kind, unit } }: SeriesRef, key: string, value: string): SeriesRef {
    const others = tags.filter((tag) => tag.key !== key)
    return this.#shared({ metric, tags: [...others, { key, value }], kind, unit })
  }

  /** Series that the rules make the same are one, unless what their values are held against differs. */
  #byRules(rules: PointRules, metric: string, tags: readonly Tag[], kind?: SeriesKind, unit = ''): SeriesRef {
    const ruled = rules.apply(metric, tags)
    const normalized = normalizeTags(ruled.tags)
    this.#check(ruled.metric, normalized)
    const key = seriesKey({ metric: ruled.metric, tags: normalized })
    // Members are no values that could lie in a range.
    const range = kind === 'set' ? undefined : ruled.range
    const limit = ruled.isDropped ? 'dropped' : range
    const known = limit ? undefined : this.#cacheOf(kind).get(key)
    return known ?? this.#make(key, ruled.metric, normalized, kind, unit, limit)
  }

  #make(
    key: string,
    metric: string,
    tags: readonly Tag[],
    told: SeriesKind | undefined,
    unit: string,
    limit?: SeriesRef['limit'],
  ): SeriesRef {
    const kind = told ?? this.#kindOf(metric)
    const plain = { ...this.#plain(key, metric, tags, kind ?? 'gauge', unit), limit }
    const canonical = limit === 'dropped' ? undefined : this.#names?.of(metric, tags, kind, unit)
    if (!canonical || canonical.tags.length > this.#limits.maxTags) return this.#keep(plain, key)
    const ref = this.#shared(canonical)
    // Without a conversion, and a range for its own values, they are one and the same, and a point pays nothing.
    if (!canonical.conversion && limit === undefined && !this.#print) return this.#keep(ref, key)
    const identity = this.#identityOf(key, canonical.kind)
    return this.#keep(
      { ...plain, identity, canonical: { ref, conversion: canonical.conversion ?? asItIs } },
      key,
    )
  }

  /** Several series that the rules make one have identities of their own: two points that are alike then may be two. */
  #calledBefore(key: string, ref: SeriesRef): SeriesRef {
    if (!this.#print) return ref
    const { canonical = { ref, conversion: asItIs } } = ref
    return { ...ref, identity: this.#identityOf(key, canonical.ref.series.kind), canonical }
  }

  /** Of deltas and distributions, two points that are alike are two. */
  #identityOf(key: string, kind: SeriesKind): SeriesIdentity | undefined {
    const hasOne = kind === 'gauge' || kind === 'counter'
    return hasOne && this.#print ? seriesIdentity(key, this.#print) : undefined
  }

  /** What the rules hold values against is found by the names before them. */
  #keep(ref: SeriesRef, key: string): SeriesRef {
    if (ref.limit === undefined) this.#cacheOf(ref.series.kind).set(key, ref)
    return ref
  }

  /** All series that are called the same share one, so that a batch names it once. */
  #shared({ metric, tags, kind, unit }: CanonicalSeries): SeriesRef {
    const normalized = normalizeTags(tags)
    const key = seriesKey({ metric, tags: normalized })
    const cache = this.#cacheOf(kind)
    let ref = cache.get(key)
    if (ref?.series.kind !== kind) {
      ref = this.#plain(key, metric, normalized, kind, unit)
      cache.set(key, ref)
    }
    return ref
  }

  #plain(key: string, metric: string, tags: readonly Tag[], kind: SeriesKind, unit: string): SeriesRef {
    return {
      series: new KnownSeries({ metric, tags, kind, unit }),
      partition: seriesPartition(key, this.#partitions),
      bytes: Buffer.byteLength(metric) + Buffer.byteLength(unit) + bytesOf(tags),
      batch: -1,
      index: -1,
      decimals: 0,
      exemplarAt: -1,
      limit: undefined,
      identity: this.#identityOf(key, kind),
      clock: undefined,
      canonical: undefined,
      owner: undefined,
      owned: undefined,
      shownIn: 0,
    }
  }

  /** Undefined when the configuration does not say. */
  #kindOf(metric: string): SeriesKind | undefined {
    return this.#kinds.find(([pattern]) => matches(pattern, metric))?.[1]
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
