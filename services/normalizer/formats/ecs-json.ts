import type { LogLevel } from '../../../shared/avro/types.ts'
import { type Fields, textNamed } from '../../../shared/logs/fields.ts'
import type { LogEvent } from '../../../shared/logs/placed-log.ts'
import type { Format, Reader, ReaderOptions } from '../format.ts'
import { moduleOf } from './metricbeat.ts'
import { type IsMeant, JsonEventReader, JsonLogsReader, type JsonShape } from './parts/json-event.ts'
import { levelOfSeverity, levelOfStatus } from './parts/level.ts'
import { zoneOf } from './parts/zone.ts'
import { isObject } from './telegraf-json.ts'

/**
 * Log events in the Elastic Common Schema, as Filebeat and ECS loggers write them: an object, an array of them, or one
 * a line. Names may be nested (`{"log": {"level": …}}`) or dotted (`{"log.level": …}`).
 */
export const ecsJson: Format = {
  name: 'ecs-json',
  contentTypes: ['application/vnd.ecs+json', 'application/json', 'application/x-ndjson'],

  recognizes(payload) {
    if (!payload.looksLikeJson) return false
    const json = payload.jsonOrNothing()
    const first: unknown = Array.isArray(json) ? json[0] : json
    return isObject(first) && ('@timestamp' in first || 'message' in first) && moduleOf(first) === undefined
  },

  createReader: (options) => createReader(options),
}

export const ecsShape: JsonShape = {
  time: ['@timestamp'],
  message: ['message', 'event.original'],
  service: ['service.name', 'event.dataset', 'event.module', 'service.type'],
  host: ['host.name', 'host.hostname', 'agent.hostname', 'beat.hostname'],
  level: ['log.level'],
  traceId: ['trace.id'],
  spanId: ['span.id', 'transaction.id'],
  kept: [
    'event.original',
    'event.dataset',
    'event.module',
    'service.type',
    'transaction.id',
    'host.hostname',
    'agent.hostname',
    'beat.hostname',
    'log.level',
  ],
  renamed: new Map(),
}

function createReader({ maxAttributes, timeZone }: ReaderOptions): Reader {
  const reader = new JsonEventReader(ecsShape, { maxAttributes, zone: zoneOf(timeZone) })
  return new JsonLogsReader(reader, isEvent, completed)
}

/** Metricbeat's have a metricset. */
const isEvent: IsMeant = (has) => (has('@timestamp') || has('message')) && !has('metricset')

/** The pipelines of Filebeat's modules take a line apart and throw it away: what it said of severity, and the request, are put together again. */
function completed(event: LogEvent): LogEvent {
  const { attributes } = event
  const level = event.level === 'unknown' ? levelFrom(attributes) : event.level
  const message = event.message === '' ? requestIn(attributes) : event.message
  return level === event.level && message === event.message ? event : { ...event, level, message }
}

function levelFrom(attributes: Fields): LogLevel {
  const severity = textNamed(attributes, 'log.syslog.severity.code')
  if (severity !== undefined) return levelOfSeverity(Number(severity))
  const status = textNamed(attributes, 'http.response.status_code')
  return status === undefined ? 'unknown' : levelOfStatus(Number(status))
}

function requestIn(attributes: Fields): string {
  const method = textNamed(attributes, 'http.request.method')
  const url = textNamed(attributes, 'url.original')
  if (method === undefined || url === undefined) return textNamed(attributes, 'error.message') ?? ''
  const version = textNamed(attributes, 'http.version')
  return version === undefined ? `${method} ${url}` : `${method} ${url} HTTP/${version}`
}
