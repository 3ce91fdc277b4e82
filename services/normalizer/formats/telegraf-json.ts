import { BadRecordError } from '../../../shared/errors.ts'
import type { Events, Format } from '../format.ts'
import type { Payload } from '../payload.ts'
import { refusing } from '../record-events.ts'
import { timeFromNumber } from './timestamp.ts'

/**
 * Telegraf's `json` output: one metric `{name, tags, fields, timestamp}`, or with its batch format
 * `{"metrics": [metric, …]}`. The timestamp's unit is told from its size (`json_timestamp_units`).
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

  createReader: () => ({ read }),
}

function read(payload: Payload, events: Events): void {
  const metrics = metricsOf(payload.json())
  if (metrics.length === 0)
    throw new BadRecordError('unparseable', 'neither a metric of Telegraf nor a list of metrics')
  for (const [position, metric] of metrics.entries())
    refusing(events, position, () => readMetric(metric, events))
}

function readMetric(metric: unknown, events: Events): void {
  if (!isObject(metric) || typeof metric.name !== 'string' || !isObject(metric.fields)) {
    throw new BadRecordError('unparseable', 'a metric needs a name and fields')
  }
  const time = metric.timestamp === undefined ? events.defaultTime : timeFromNumber(Number(metric.timestamp))
  const problem = events.timeProblem(time)
  if (problem) throw new BadRecordError(problem.reason, problem.detail)
  const tags = Object.entries(isObject(metric.tags) ? metric.tags : {}).map(([key, value]) => ({
    key,
    value: String(value),
  }))
  const points = Object.entries(metric.fields).flatMap(([field, value]) => {
    const number = typeof value === 'boolean' ? Number(value) : value
    if (typeof number !== 'number') {
      events.skipField(1)
      return []
    }
    // JSON knows no NaN, but 1e999 parses as infinite.
    if (!Number.isFinite(number))
      throw new BadRecordError('not_finite', `the field “${field}” is not a finite number`)
    return [{ series: events.series(metricName(metric.name as string, field), tags), value: number }]
  })
  for (const { series, value } of points) events.point(series, time, value)
}

/** `cpu` and `usage_user` make cpu.usage_user; a field called `value` adds nothing. */
export const metricName = (measurement: string, field: string) =>
  field === 'value' ? measurement : `${measurement}.${field}`

function metricsOf(json: unknown): readonly unknown[] {
  if (Array.isArray(json)) return json.flatMap(metricsOf)
  if (!isObject(json)) return []
  return Array.isArray(json.metrics) ? json.metrics : 'fields' in json ? [json] : []
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
