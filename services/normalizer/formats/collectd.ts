import type { SeriesKind, Tag } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import { GenerationalCache } from '../../../shared/series/generational-cache.ts'
import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import type { Payload } from '../payload.ts'
import { refusing } from '../record-events.ts'
import type { SeriesRef } from '../series-cache.ts'
import { isObject } from './telegraf-json.ts'

/**
 * collectd's JSON, as write_kafka and write_http write it: a list of value lists, each of one plugin, type and instance,
 * with a value for each data source. Time is seconds. A value that is null is not known, and is passed over.
 */
export const collectd: Format = {
  name: 'collectd',
  contentTypes: ['application/vnd.collectd+json'],

  recognizes(payload) {
    if (!payload.looksLikeJson) return false
    const [first] = valueListsOf(payload.jsonOrNothing())
    return isObject(first) && Array.isArray(first.dstypes) && typeof first.plugin === 'string'
  },

  createReader: (options) => new CollectdReader(options),
}

/** The series of a value list, in the order of its data sources. */
interface Sources {
  readonly names: readonly unknown[]
  readonly types: readonly unknown[]
  readonly series: readonly SeriesRef[]
}

class CollectdReader implements Reader {
  /** By host, plugin, type and instances. */
  readonly #sources: GenerationalCache<string, Sources>

  constructor({ cachedSeries }: ReaderOptions) {
    this.#sources = new GenerationalCache(cachedSeries)
  }

  read(payload: Payload, events: Events): void {
    const lists = valueListsOf(payload.json())
    if (lists.length === 0) throw new BadRecordError('unparseable', 'not a list of collectd’s value lists')
    for (const [position, list] of lists.entries())
      refusing(events, position, () => this.#readList(list, events))
  }

  #readList(list: unknown, events: Events): void {
    if (!isObject(list)) throw new BadRecordError('unparseable', 'a value list is an object')
    const { values, time: seconds } = list
    const { series, types } = this.#sourcesOf(list, events)
    if (!Array.isArray(values) || values.length !== series.length)
      throw new BadRecordError('unparseable', 'a value list needs a value for each of its dsnames')
    const time = seconds === undefined ? events.defaultTime : millisOf(seconds)
    const problem = events.timeProblem(time)
    if (problem) throw new BadRecordError(problem.reason, problem.detail)
    for (const [i, value] of values.entries()) check(value, types[i])
    for (const [i, value] of values.entries()) {
      if (value === null) events.skipField(1)
      else events.point(series[i]!, time, value as number)
    }
  }

  #sourcesOf(list: Readonly<Record<string, unknown>>, events: Events): Sources {
    const { dsnames: names, dstypes: types } = list
    if (!Array.isArray(names) || !Array.isArray(types) || names.length !== types.length)
      throw new BadRecordError('unparseable', 'a value list needs dsnames and dstypes, as many of each')
    const identity = identityOf(list)
    const key = JSON.stringify(Object.values(identity))
    const known = this.#sources.get(key)
    if (known && isSame(known.names, names) && isSame(known.types, types)) return known
    const tags = tagsOf(identity)
    const made = {
      names,
      types,
      series: names.map((name, i) => events.series(metricName(identity, name), tags, kindOf(types[i]))),
    }
    this.#sources.set(key, made)
    return made
  }
}

/** Lists and objects are no times: what JavaScript would make numbers of may not even be convertible. */
function millisOf(seconds: unknown): number {
  return typeof seconds === 'number' || typeof seconds === 'string'
    ? Math.round(Number(seconds) * 1_000)
    : Number.NaN
}

interface Identity {
  readonly host: string
  readonly plugin: string
  readonly pluginInstance: string
  readonly type: string
  readonly typeInstance: string
}

function identityOf(list: Readonly<Record<string, unknown>>): Identity {
  return {
    host: textIn(list, 'host'),
    plugin: textIn(list, 'plugin'),
    pluginInstance: textIn(list, 'plugin_instance'),
    type: textIn(list, 'type'),
    typeInstance: textIn(list, 'type_instance'),
  }
}

function textIn(list: Readonly<Record<string, unknown>>, name: string): string {
  const value = list[name] ?? ''
  if (typeof value !== 'string') throw new BadRecordError('unparseable', `${name} is not a text`)
  return value.toWellFormed()
}

const tagsOf = ({ host, pluginInstance, typeInstance }: Identity): readonly Tag[] => [
  { key: 'host', value: host },
  { key: 'plugin_instance', value: pluginInstance },
  { key: 'type_instance', value: typeInstance },
]

/** `interface.if_octets.rx`; a type that is called as its plugin, and a data source called `value`, add nothing. */
function metricName({ plugin, type }: Identity, source: unknown): string {
  if (plugin === '' || type === '' || typeof source !== 'string' || source === '')
    throw new BadRecordError('invalid_name', 'plugin, type and dsnames must be named')
  const name = type === plugin ? plugin : `${plugin}.${type}`
  return source === 'value' ? name : `${name}.${source.toWellFormed()}`
}

const kinds: ReadonlyMap<unknown, SeriesKind> = new Map([
  ['gauge', 'gauge'],
  ['counter', 'counter'],
  ['derive', 'counter'],
  ['absolute', 'delta'],
])

function kindOf(type: unknown): SeriesKind {
  const kind = kinds.get(type)
  if (!kind)
    throw new BadRecordError(
      'unparseable',
      `${typeof type === 'string' ? `“${type.slice(0, 40)}”` : 'what is no text'} is no type of data source: gauge, counter, derive and absolute are`,
    )
  return kind
}

/** collectd counts in whole numbers. Where it has made rates of them, its `dstypes` still say what they were made of. */
function check(value: unknown, type: unknown): void {
  if (value === null) return
  if (typeof value !== 'number')
    throw new BadRecordError('unparseable', 'a value is neither a number nor null')
  // JSON knows no NaN, but 1e999 parses as infinite.
  if (!Number.isFinite(value)) throw new BadRecordError('not_finite', 'a value is not a finite number')
  if (type !== 'gauge' && !Number.isInteger(value))
    throw new BadRecordError(
      'stored_rate',
      `${value} can’t be a reading of a ${type}: collectd has made a rate of it, set StoreRates false`,
    )
}

const isSame = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((one, i) => one === b[i])

/** Also of several such lists, one a line. */
const valueListsOf = (json: unknown): readonly unknown[] => (Array.isArray(json) ? json.flat(1) : [])
