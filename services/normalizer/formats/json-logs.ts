import type { Format, Reader, ReaderOptions } from '../format.ts'
import { type IsMeant, JsonEventReader, JsonLogsReader } from './parts/json-event.ts'
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
export const looksLikeLog = (event: unknown): boolean => isObject(event) && isLog((key) => key in event)

const parts = [...loggerShape.message, ...loggerShape.time]

const isLog: IsMeant = (has) => {
  if (has('ecs') || has('ecs.version') || has('log.level')) return false
  if (has('@version')) return has('message')
  return loggerShape.level.some(has) ? parts.some(has) : has('msg') && has('time')
}

function createReader({ maxAttributes, timeZone }: ReaderOptions): Reader {
  const reader = new JsonEventReader(loggerShape, { maxAttributes, zone: zoneOf(timeZone) })
  return new JsonLogsReader(reader, isLog)
}
