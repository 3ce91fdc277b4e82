import type { LogLevel } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import type { Events, Format, LogEvent } from '../format.ts'
import type { Payload } from '../payload.ts'
import { refusing } from '../record-events.ts'
import { moduleOf } from './metricbeat.ts'
import { isObject } from './telegraf-json.ts'
import { timeFromJson } from './timestamp.ts'

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

  createReader: ({ maxAttributes }) => ({ read: (payload, events) => read(payload, events, maxAttributes) }),
}

function read(payload: Payload, events: Events, maxAttributes: number): void {
  const json = payload.json()
  const list: readonly unknown[] = Array.isArray(json) ? json : [json]
  if (list.length === 0) throw new BadRecordError('empty', 'an empty list of events')
  for (const [position, event] of list.entries()) {
    refusing(events, position, () =>
      events.log(position, readEvent(event, events.defaultTime, maxAttributes)),
    )
  }
}

const maxDepth = 20

/** Fields that LogRecord has a place for. */
const consumed: ReadonlySet<string> = new Set([
  '@timestamp',
  'message',
  'service.name',
  'host.name',
  'trace.id',
  'span.id',
])

function readEvent(event: unknown, defaultTime: number, maxAttributes: number): LogEvent {
  if (!isObject(event)) throw new BadRecordError('unparseable', 'a log event is a JSON object')
  const fields = new Map<string, string>()
  flatten(event, '', fields, 0)
  const time = event['@timestamp'] === undefined ? defaultTime : timeFromJson(event['@timestamp'])
  if (Number.isNaN(time))
    throw new BadRecordError(
      'invalid_timestamp',
      `@timestamp is no time: ${fields.get('@timestamp')?.slice(0, 80)}`,
    )
  const message = fields.get('message') ?? fields.get('event.original') ?? ''
  if (message === '' && fields.size < 2)
    throw new BadRecordError('empty', 'the event has neither a message nor other fields')
  return {
    time,
    message,
    service:
      fields.get('service.name') || fields.get('event.dataset') || fields.get('event.module') || 'unknown',
    host: fields.get('host.name') || fields.get('host.hostname') || fields.get('agent.hostname') || '',
    level: levelOf(fields.get('log.level')),
    traceId: fields.get('trace.id') ?? null,
    spanId: fields.get('span.id') ?? null,
    attributes: attributesOf(fields, maxAttributes),
  }
}

function attributesOf(fields: ReadonlyMap<string, string>, limit: number): Readonly<Record<string, string>> {
  const attributes = [...fields].filter(([name]) => !consumed.has(name))
  if (attributes.length <= limit) return Object.fromEntries(attributes)
  const overflow = JSON.stringify(Object.fromEntries(attributes.slice(limit)))
  return Object.fromEntries([...attributes.slice(0, limit), ['overflow', overflow]])
}

/** Nested objects to dotted names; lists to JSON text. */
function flatten(
  value: Readonly<Record<string, unknown>>,
  prefix: string,
  into: Map<string, string>,
  depth: number,
): void {
  if (depth > maxDepth)
    throw new BadRecordError('too_deep', `the event is nested deeper than ${maxDepth} levels`)
  for (const [key, inner] of Object.entries(value)) {
    const name = prefix + key
    if (isObject(inner)) flatten(inner, `${name}.`, into, depth + 1)
    else if (inner !== null && inner !== undefined)
      into.set(name.toWellFormed(), textOf(inner).toWellFormed())
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

const levels: readonly (readonly [RegExp, LogLevel])[] = [
  [/^(fatal|crit(ical)?|emerg(ency)?|alert|panic)$/i, 'fatal'],
  [/^(err(or)?|severe)$/i, 'error'],
  [/^warn(ing)?$/i, 'warn'],
  [/^(info(rmation(al)?)?|notice)$/i, 'info'],
  [/^(debug|fine|verbose)$/i, 'debug'],
  [/^(trace|finer|finest|all)$/i, 'trace'],
]

/** Severity from the producer's word for it: syslog's, log4j's, java.util.logging's and others'. */
export const levelOf = (word: string | undefined): LogLevel =>
  levels.find(([pattern]) => pattern.test(word ?? ''))?.[1] ?? 'unknown'
