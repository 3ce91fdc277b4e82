import type { Span, Tag } from '../../../shared/avro/types.ts'
import { recordOf } from '../../../shared/logs/fields.ts'
import type { PlacedLog } from '../../../shared/logs/placed-log.ts'
import { GenerationalCache } from '../../../shared/series/generational-cache.ts'
import { matches } from '../../../shared/series/pattern.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { NormalizerConfig } from '../config.ts'
import { exemplarOf } from '../formats/parts/exemplar.ts'
import type { SeriesRef } from '../series-cache.ts'
import { type PointEvents, tellPoint } from '../told-point.ts'
import { accessOf, durationOf, isAccess } from './access-logs.ts'
import { BoundedValues } from './bounded-values.ts'
import { type Bound, type Operation, other, textIn } from './operation.ts'
import { RoutePatterns } from './route-patterns.ts'
import { operationOf } from './spans.ts'

type Settings = Pick<
  NormalizerConfig,
  | 'derivedPoints'
  | 'derivedTags'
  | 'derivedRoutes'
  | 'maxDerivedValues'
  | 'businessCodes'
  | 'accessLogDuration'
  | 'cachedSeries'
>

/** Longer values of tags are data. */
const maxValueLength = 256

/** Where an event comes from, besides what it tells. */
interface Origin {
  readonly source: Settings['derivedPoints'][number]
  readonly service: string
  readonly host: string
  readonly attributes: Readonly<Record<string, string>>
  readonly resource: Readonly<Record<string, string>>
  readonly traceId: string | null
  readonly spanId: string | null
}

/** The series of an operation, when they have been looked up. */
interface KnownPair {
  count: SeriesRef | undefined
  duration: SeriesRef | undefined
}

const nothing = {}

/**
 * Points of what log events and spans tell of requests: how many, how long, and how many went wrong. A point that breaks a
 * limit is passed over and counted, for the event itself has nothing wrong.
 */
export class DerivedPoints {
  readonly #settings: Settings
  readonly #events: PointEvents
  readonly #patterns: RoutePatterns
  readonly #values: BoundedValues
  readonly #bound: Bound
  /** To sort tags and look them up costs as much as to read a line. */
  readonly #known: GenerationalCache<string, KnownPair>
  /** Of the event at hand. */
  #service = ''
  /** `onOverflow` is called for each value that becomes `_OTHER` for want of a place; `memo` is the `memo` of the points before. Throws RangeError when it is damaged. */
  constructor(settings: Settings, events: PointEvents, onOverflow: () => void, memo?: string) {
    this.#settings = settings
    this.#events = events
    this.#patterns = new RoutePatterns(settings.derivedRoutes)
    this.#values = new BoundedValues(settings.maxDerivedValues, memo)
    this.#known = new GenerationalCache(settings.cachedSeries)
    this.#bound = (tag, value, learns) => {
      if (this.#values.admits(`${this.#service}\0${tag}`, value, learns)) return value
      if (learns !== false) onOverflow()
      return other
    }
  }

  /** The values that tags were found to have. */
  get memo(): string {
    return this.#values.memo
  }

  /** Of an event that was answered at its time. */
  log(log: PlacedLog): void {
    if (!this.#settings.derivedPoints.includes('accessLogs') || !isAccess(log.attributes)) return
    const { service, host, traceId, spanId } = log
    const attributes = recordOf(log.attributes)
    this.#service = service
    const operation = accessOf(attributes, this.#patterns, this.#bound)
    const resource = nothing
    const origin: Origin = { source: 'accessLogs', service, host, attributes, resource, traceId, spanId }
    this.#tell(operation, origin, log.time, durationOf(attributes, this.#settings.accessLogDuration))
  }

  /** Of a span, at its end, when a program would have counted it itself. One without an end tells no duration. */
  span(span: Span): void {
    if (!this.#settings.derivedPoints.includes('spans')) return
    const { service, host, attributes, resource, time, timeNanos, durationNs, traceId, spanId } = span
    this.#service = service
    const operation = operationOf(span, this.#patterns, this.#bound)
    if (!operation) return
    const end = time + Math.floor((timeNanos + durationNs) / 1e6)
    const seconds = durationNs > 0 ? durationNs / 1e9 : undefined
    const origin: Origin = { source: 'spans', service, host, attributes, resource, traceId, spanId }
    this.#tell(operation, origin, end, seconds)
  }

  #tell(
    { duration, count, businessErrors, tags: own }: Operation,
    origin: Origin,
    time: EventTime,
    seconds: number | undefined,
  ): void {
    const tags = this.#tagsOf(own, origin)
    const events = this.#events
    const known = this.#knownOf(duration + keyOf(tags))
    if (count) {
      const { metric, unit, value } = count
      const seriesOf = () => (known.count ??= events.series(metric, tags, 'delta', unit))
      tellPoint(events, seriesOf, time, value)
    }
    if (seconds !== undefined) {
      const seriesOf = () => (known.duration ??= events.series(duration, tags, 'distribution', 's'))
      const exemplar = exemplarOf(time, origin.traceId ?? '', origin.spanId ?? '', seconds)
      tellPoint(events, seriesOf, time, seconds, exemplar)
    }
    const code = this.#businessCodeOf(origin)
    if (code === undefined) return
    const coded = [...tags, { key: 'business.code', value: this.#bound('business.code', code) }]
    tellPoint(events, () => events.series(businessErrors, coded, 'delta', '{error}'), time, 1)
  }

  #knownOf(key: string): KnownPair {
    let known = this.#known.get(key)
    if (!known) {
      known = { count: undefined, duration: undefined }
      this.#known.set(key, known)
    }
    return known
  }

  #tagsOf(own: readonly Tag[], origin: Origin): readonly Tag[] {
    const tags: Tag[] = [
      { key: 'service.name', value: origin.service },
      { key: 'derived.from', value: origin.source },
      ...own,
    ]
    for (const key of this.#settings.derivedTags) {
      const value = textOf(origin, key)
      if (value !== undefined && !tags.some((tag) => tag.key === key))
        tags.push({ key, value: this.#bound(key, value) })
    }
    return tags.map((tag) => (tag.value.length > maxValueLength ? { ...tag, value: other } : tag))
  }

  /** The first code that is an error of the business. */
  #businessCodeOf(origin: Origin): string | undefined {
    for (const { attribute, values, except } of this.#settings.businessCodes) {
      const code = textOf(origin, attribute)
      const isIn = (patterns: readonly string[]) => patterns.some((pattern) => matches(pattern, code!))
      if (code !== undefined && (values ? isIn(values) : !isIn(except!))) return code
    }
    return undefined
  }
}

function keyOf(tags: readonly Tag[]): string {
  let key = ''
  for (const tag of tags) key += `\0${tag.key}\0${tag.value}`
  return key
}

/** Of an attribute, of the event or of its resource. */
const textOf = ({ attributes, resource, host }: Origin, name: string) =>
  textIn(attributes, name) ?? textIn(resource, name) ?? (name === 'host.name' && host ? host : undefined)
