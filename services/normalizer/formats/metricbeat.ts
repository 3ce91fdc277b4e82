import type { Tag } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import { GenerationalCache } from '../../../shared/series/generational-cache.ts'
import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import type { Payload } from '../payload.ts'
import { refusing } from '../record-events.ts'
import type { SeriesRef } from '../series-cache.ts'
import { type Field, FieldTree } from './metricbeat/field-tree.ts'
import { kindOf, unitOf } from './metricbeat/fields.ts'
import { keyPart } from './parts/key-part.ts'
import { timeFromJson } from './parts/timestamp.ts'
import { isObject } from './telegraf-json.ts'

/**
 * Metricbeat's events: an object, a list, or one a line. Every number below the module's own name is a point, called by
 * its dotted path: `system.cpu.user.pct`. What says which thing it is of (the host, the service, a network interface)
 * becomes tags; other texts are passed over.
 */
export const metricbeat: Format = {
  name: 'metricbeat',
  contentTypes: ['application/vnd.elastic.metricbeat+json'],

  recognizes(payload) {
    if (!payload.looksLikeJson) return false
    const [first] = eventsIn(payload.jsonOrNothing())
    return isObject(first) && moduleOf(first) !== undefined
  },

  createReader: (options) => new MetricbeatReader(options),
}

type Json = Readonly<Record<string, unknown>>

const maxDepth = 20

/** More names than all modules of Metricbeat have. */
const maxKnownFields = 50_000

/** What was found in one event. */
interface Leaves {
  readonly tags: Tag[]
  readonly fields: Field[]
  readonly values: number[]
  skipped: number
}

class MetricbeatReader implements Reader {
  readonly #cachedSeries: number
  #fields!: FieldTree
  /** By tags, then by the index of the field. */
  #series!: GenerationalCache<string, (SeriesRef | undefined)[]>

  constructor({ cachedSeries }: ReaderOptions) {
    this.#cachedSeries = cachedSeries
    this.#forget()
  }

  #forget(): void {
    this.#fields = new FieldTree(maxKnownFields)
    this.#series = new GenerationalCache(this.#cachedSeries)
  }

  read(payload: Payload, events: Events): void {
    const list = eventsIn(payload.json())
    if (list.length === 0) throw new BadRecordError('empty', 'an empty list of events')
    for (const [position, event] of list.entries())
      refusing(events, position, () => this.#readEvent(event, events))
  }

  #readEvent(event: unknown, events: Events): void {
    const module = isObject(event) ? moduleOf(event) : undefined
    if (!isObject(event) || module === undefined)
      throw new BadRecordError('unparseable', 'an event of Metricbeat has metricset.name and event.module')
    const time = event['@timestamp'] === undefined ? events.defaultTime : timeFromJson(event['@timestamp'])
    const problem = events.timeProblem(time)
    if (problem) throw new BadRecordError(problem.reason, problem.detail)
    if (this.#fields.isFull) this.#forget()
    const leaves: Leaves = { tags: [...tagsOf(event)], fields: [], values: [], skipped: 0 }
    const own = event[module]
    if (isObject(own)) this.#gather(own, this.#fields.module(module), leaves, 0)
    if (leaves.fields.length === 0) throw nothingMeasured(event, module)
    const series = this.#seriesOf(leaves, events)
    for (let i = 0; i < series.length; i++) events.point(series[i]!, time, leaves.values[i]!)
    if (leaves.skipped > 0) events.skipField(leaves.skipped)
  }

  #gather(object: Json, of: Field, into: Leaves, depth: number): void {
    if (depth > maxDepth)
      throw new BadRecordError('too_deep', `the event is nested deeper than ${maxDepth} levels`)
    for (const key in object) {
      const value = object[key]
      if (value === null) continue
      const field = this.#fields.inside(of, key)
      if (isObject(value)) this.#gather(value, field, into, depth + 1)
      else if (field.isIdentity && (typeof value === 'string' || typeof value === 'number'))
        into.tags.push({ key: field.path, value: String(value).toWellFormed() })
      else if (typeof value === 'number' || typeof value === 'boolean') {
        // JSON knows no NaN, but 1e999 parses as infinite.
        if (!Number.isFinite(Number(value)))
          throw new BadRecordError('not_finite', `the field “${field.path}” is not a finite number`)
        into.fields.push(field)
        into.values.push(Number(value))
      } else into.skipped++
    }
  }

  #seriesOf({ tags, fields }: Leaves, events: Events): readonly SeriesRef[] {
    let key = ''
    for (const tag of tags) key += keyPart(tag.key) + keyPart(tag.value)
    let known = this.#series.get(key)
    if (!known) {
      known = []
      this.#series.set(key, known)
    }
    return fields.map(
      ({ index, path }) => (known[index] ??= events.series(path, tags, kindOf(path), unitOf(path))),
    )
  }
}

/** Undefined when it is no event of Metricbeat. Before version 7 the module stood beside the metric set's name. */
export function moduleOf({ event, metricset }: Json): string | undefined {
  if (!isObject(metricset) || typeof metricset.name !== 'string') return undefined
  const module = (isObject(event) ? event.module : undefined) ?? metricset.module
  return typeof module === 'string' && module !== '' ? module : undefined
}

/** Of the fields around the module's own, those that say where it was measured. */
function tagsOf(event: Json): readonly Tag[] {
  const found: readonly (readonly [string, unknown])[] = [
    [
      'host.name',
      at(event, 'host', 'name') ?? at(event, 'agent', 'hostname') ?? at(event, 'beat', 'hostname'),
    ],
    ['service.name', at(event, 'service', 'name')],
    ['service.address', at(event, 'service', 'address') ?? at(event, 'metricset', 'host')],
    ['container.id', at(event, 'container', 'id')],
    ['container.name', at(event, 'container', 'name')],
    ['process.name', at(event, 'process', 'name')],
    ['process.pid', at(event, 'process', 'pid')],
    ...entriesOf(event.labels).map(([key, value]) => [`labels.${key}`, value] as const),
  ]
  return found.flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'number'
      ? [{ key: key.toWellFormed(), value: String(value).toWellFormed() }]
      : [],
  )
}

function at(event: Json, outer: string, inner: string): unknown {
  const object = event[outer]
  return isObject(object) ? object[inner] : undefined
}

const entriesOf = (value: unknown) => (isObject(value) ? Object.entries(value) : [])

/** Metricbeat writes an event without numbers when it could not measure. */
function nothingMeasured(event: Json, module: string): BadRecordError {
  const message = at(event, 'error', 'message')
  const reason = typeof message === 'string' ? `: ${message.slice(0, 200)}` : ''
  return new BadRecordError('empty', `there are no numbers of the module “${module.slice(0, 80)}”${reason}`)
}

const eventsIn = (json: unknown): readonly unknown[] => (Array.isArray(json) ? json : [json])
