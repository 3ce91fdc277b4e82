import type { Format, Reader, ReaderOptions } from '../format.ts'
import { JsonEventReader, type JsonShape, readJsonEvents } from './json-event.ts'
import { isObject } from './telegraf-json.ts'
import { zoneOf } from './zone.ts'

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
    return isObject(first) && ('@timestamp' in first || 'message' in first)
  },

  createReader: (options) => createReader(options),
}

export const ecsShape: JsonShape = {
  time: ['@timestamp'],
  message: ['message', 'event.original'],
  service: ['service.name', 'event.dataset', 'event.module'],
  host: ['host.name', 'host.hostname', 'agent.hostname', 'beat.hostname'],
  level: ['log.level'],
  traceId: ['trace.id'],
  spanId: ['span.id'],
  kept: [
    'event.original',
    'event.dataset',
    'event.module',
    'host.hostname',
    'agent.hostname',
    'beat.hostname',
    'log.level',
  ],
  renamed: new Map(),
}

function createReader({ maxAttributes, timeZone }: ReaderOptions): Reader {
  const reader = new JsonEventReader(ecsShape, { maxAttributes, zone: zoneOf(timeZone) })
  return { read: (payload, events) => readJsonEvents(payload, events, reader) }
}
