import type { Format, Reader, ReaderOptions } from '../format.ts'
import { JsonEventReader, type JsonShape, readJsonEvents } from './json-event.ts'
import { isObject } from './telegraf-json.ts'
import { zoneOf } from './zone.ts'

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
  const hasLevel = levels.some((name) => name in event)
  return hasLevel ? [...messages, ...times].some((name) => name in event) : 'msg' in event && 'time' in event
}

const times = [
  '@timestamp',
  'timestamp',
  'time',
  'ts',
  'timeMillis',
  'datetime',
  'asctime',
  'instant.epochSecond',
]
const messages = ['message', 'msg', 'short_message', 'text']
const levels = ['level', 'severity', 'lvl', 'levelname', 'loglevel', 'log_level']

/** What loggers call an error's parts, by the names of ECS. */
const renamed: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'error.stack_trace':
      'stack_trace stacktrace stack stackTrace exception exc_info errorVerbose full_message err.stack error.stack exception.stacktrace thrown.extendedStackTrace',
    'error.message':
      'error err err.message errorMessage exception.message exception.exception_message thrown.message error_message',
    'error.type':
      'err.type err.name error.name exception.class exception.exception_class thrown.name error_class',
    'log.logger': 'logger logger_name loggerName',
    'process.thread.name': 'thread thread_name threadName',
    'process.pid': 'pid process_id',
    'log.level': levels.join(' '),
  }).flatMap(([name, others]) => others.split(' ').map((other) => [other, name] as const)),
)

const shape: JsonShape = {
  time: times,
  message: [...messages, 'err.message', 'error.message', 'error', 'exception'],
  service: [
    'service.name',
    'service',
    'service_name',
    'serviceName',
    'application',
    'app',
    'app_name',
    'appname',
    'serviceContext.service',
    'name',
  ],
  host: ['host.name', 'hostname', 'host', 'HOSTNAME', 'host_name', 'source_host'],
  level: levels,
  traceId: ['trace.id', 'trace_id', 'traceId', 'traceID', 'otelTraceID'],
  spanId: ['span.id', 'span_id', 'spanId', 'spanID', 'otelSpanID'],
  kept: ['err.message', 'error.message', 'error', 'exception', ...levels],
  renamed,
}

function createReader({ maxAttributes, timeZone }: ReaderOptions): Reader {
  const reader = new JsonEventReader(shape, { maxAttributes, zone: zoneOf(timeZone) })
  return { read: (payload, events) => readJsonEvents(payload, events, reader) }
}
