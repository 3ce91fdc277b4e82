import type { Tag } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import { GenerationalCache } from '../../../shared/series/generational-cache.ts'
import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import type { Payload } from '../payload.ts'
import { refusing } from '../record-events.ts'
import type { SeriesRef } from '../series-cache.ts'
import { keyPart } from './parts/key-part.ts'
import { timeFromJson } from './parts/timestamp.ts'

/**
 * Telegraf's `json` output: one metric `{name, tags, fields, timestamp}`, or with its batch format
 * `{"metrics": [metric, …]}`. The timestamp's unit is told from its size (`json_timestamp_units`); it may also be ISO 8601
 * (`json_timestamp_format`).
 */
export const telegrafJson: Format = {
  name: 'telegraf-json',
  contentTypes: ['application/vnd.telegraf+json'],

  recognizes(payload) {
    if (!payload.looksLikeJson) return false
    return metricsOf(payload.jsonOrNothing()).some(
      (metric) => isObject(metric) && isObject(metric.fields) && typeof metric.name === 'string',
    )
  },

  createReader: (options) => new MetricReader(options),
}

/** A stranger who never sends the same field twice must not fill the memory through one set of tags. */
const maxCachedFields = 1_000

class MetricReader implements Reader {
  /** By name and tags, then by field. */
  readonly #series: GenerationalCache<string, Map<string, SeriesRef>>
  // Of the metric being read: they live as long as the reader, so that a point allocates nothing.
  readonly #refs: SeriesRef[] = []
  readonly #values: number[] = []

  constructor({ cachedSeries }: ReaderOptions) {
    this.#series = new GenerationalCache(cachedSeries)
  }

  read(payload: Payload, events: Events): void {
    const metrics = metricsOf(payload.json())
    if (metrics.length === 0)
      throw new BadRecordError('unparseable', 'neither a metric of Telegraf nor a list of metrics')
    for (const [position, metric] of metrics.entries())
      refusing(events, position, () => this.#readMetric(metric, events))
  }

  #readMetric(metric: unknown, events: Events): void {
    if (!isObject(metric) || typeof metric.name !== 'string' || !isObject(metric.fields)) {
      throw new BadRecordError('unparseable', 'a metric needs a name and fields')
    }
    const { name, fields, timestamp } = metric
    const time = timestamp === undefined ? events.defaultTime : timeFromJson(timestamp)
    const problem = events.timeProblem(time)
    if (problem) throw new BadRecordError(problem.reason, problem.detail)
    const tags = isObject(metric.tags) ? metric.tags : {}
    const known = this.#seriesOf(name, tags)
    let points = 0
    for (const field in fields) {
      const value = fields[field]
      const number = typeof value === 'boolean' ? Number(value) : value
      if (typeof number !== 'number') {
        events.skipField(1)
        continue
      }
      // JSON knows no NaN, but 1e999 parses as infinite.
      if (!Number.isFinite(number))
        throw new BadRecordError('not_finite', `the field “${field}” is not a finite number`)
      let ref = known.get(field)
      if (!ref) {
        ref = events.series(metricName(name, field).toWellFormed(), listOf(tags))
        if (known.size < maxCachedFields) known.set(field, ref)
      }
      this.#refs[points] = ref
      this.#values[points++] = number
    }
    for (let i = 0; i < points; i++) events.point(this.#refs[i]!, time, this.#values[i]!)
  }

  #seriesOf(name: string, tags: Readonly<Record<string, unknown>>): Map<string, SeriesRef> {
    let key = keyPart(name)
    for (const tag in tags) key += keyPart(tag) + keyPart(tagText(tags[tag]))
    let known = this.#series.get(key)
    if (!known) {
      known = new Map()
      this.#series.set(key, known)
    }
    return known
  }
}

const listOf = (tags: Readonly<Record<string, unknown>>): readonly Tag[] =>
  Object.entries(tags).map(([key, value]) => ({
    key: key.toWellFormed(),
    value: tagText(value).toWellFormed(),
  }))

/** Telegraf's tags are texts; lists and objects are not, and some can't even be made ones. */
function tagText(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    throw new BadRecordError('unparseable', 'the value of a tag is neither a text nor a number')
  return String(value)
}

/** `cpu` and `usage_user` make cpu.usage_user; a field called `value` adds nothing. */
export const metricName = (measurement: string, field: string) =>
  field === 'value' ? measurement : `${measurement}.${field}`

/** Of one metric, a batch, or a list of such, one list a line perhaps; lists further within are none, so that no depth is too deep. */
const metricsOf = (json: unknown): readonly unknown[] =>
  Array.isArray(json) ? json.flat(1).flatMap(metricsIn) : metricsIn(json)

function metricsIn(json: unknown): readonly unknown[] {
  if (!isObject(json)) return []
  return Array.isArray(json.metrics) ? json.metrics : 'fields' in json ? [json] : []
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
