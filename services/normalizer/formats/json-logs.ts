import type { Format, Reader, ReaderOptions } from '../format.ts'
import { JsonEventReader, readJsonEvents } from './parts/json-event.ts'
import { loggerShape } from './parts/logger-shape.ts'
import { zoneOf } from './parts/zone.ts'
import { isObject } from './telegraf-json.ts'

/**
 * JSON log events as loggers write them by default: pino, bunyan, winston, zap, logback with logstash-encoder, log4j2,
 * Logstash and others of their kind: an object, an array of them, or one a line.
 */
export const jsonLogs: Format = {
  name: 'json-logs',
  contentTypes: ['application/vnd.tidemark.logs+json'],

  recognizes(payload) {
    if (!payload.looksLikeJson) return false
    const json = payload.jsonOrNothing()
    return looksLikeLog(Array.isArray(json) ? json[0] : json)
  },

  createReader: (options) => createReader(options),
}

/** Whether this is a log event, and not one of the Elastic Common Schema, which names the same things otherwise. */
export function looksLikeLog(event: unknown): boolean {
  if (!isObject(event) || 'ecs' in event || 'ecs.version' in event || 'log.level' in event) return false
  if ('@version' in event) return 'message' in event
  const hasLevel = loggerShape.level.some((name) => name in event)
  return hasLevel
    ? [...loggerShape.message, ...loggerShape.time].some((name) => name in event)
    : 'msg' in event && 'time' in event
}

function createReader({ maxAttributes, timeZone }: ReaderOptions): Reader {
  const reader = new JsonEventReader(loggerShape, { maxAttributes, zone: zoneOf(timeZone) })
  return { read: (payload, events) => readJsonEvents(payload, events, reader) }
}
