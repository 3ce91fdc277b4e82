import type { JsonShape } from './json-event.ts'

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

/** How loggers name the parts of an event, none of which agrees with another. */
export const loggerShape: JsonShape = {
  time: times,
  message: [...messages, 'err', 'err.message', 'error.message', 'error', 'exception'],
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
  kept: ['err', 'err.message', 'error.message', 'error', 'exception', ...levels],
  renamed,
}
