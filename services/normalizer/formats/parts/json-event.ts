import { BadRecordError } from '../../../../shared/errors.ts'
import type { Events, LogEvent } from '../../format.ts'
import type { Payload } from '../../payload.ts'
import { refusing } from '../../record-events.ts'
import { isObject } from '../telegraf-json.ts'
import { FlatJson } from './flat-json.ts'
import { levelOfText } from './level.ts'
import { type Origin, originOf } from './origin.ts'
import { timeFromText } from './timestamp.ts'
import type { Zone } from './zone.ts'

/** The parts of a log event that have a place of their own in LogRecord. */
type Part = 'time' | 'message' | 'service' | 'host' | 'level' | 'traceId' | 'spanId'

/** Where a kind of JSON log events has its parts: dotted names, the first that has a text counts. */
export interface JsonShape extends Readonly<Record<Part, readonly string[]>> {
  /** Of these names, those that are attributes all the same. */
  readonly kept: readonly string[]
  /** Fields that become attributes of other names. */
  readonly renamed: ReadonlyMap<string, string>
}

interface JsonEventOptions {
  readonly maxAttributes: number
  readonly zone: Zone
}

/** Reads the log events of one shape from parsed JSON. */
export class JsonEventReader {
  readonly #fields: FlatJson
  readonly #slots: Readonly<Record<Part, readonly number[]>>
  readonly #zone: Zone

  constructor(shape: JsonShape, { maxAttributes, zone }: JsonEventOptions) {
    const { kept, renamed, ...parts } = shape
    const wanted = [...new Set(Object.values(parts).flat())]
    const slots = (part: Part) => shape[part].map((name) => wanted.indexOf(name))
    this.#fields = new FlatJson({
      wanted,
      kept,
      renamed,
      maxAttributes,
    })
    this.#slots = {
      time: slots('time'),
      message: slots('message'),
      service: slots('service'),
      host: slots('host'),
      level: slots('level'),
      traceId: slots('traceId'),
      spanId: slots('spanId'),
    }
    this.#zone = zone
  }

  /** Throws BadRecordError. `origin` says who wrote it when the event does not. */
  read(event: unknown, defaultTime: number, origin: Origin): LogEvent {
    if (!isObject(event)) throw new BadRecordError('unparseable', 'a log event is a JSON object')
    const fields = this.#fields
    const slots = this.#slots
    fields.read(event)
    const timeText = fields.take(slots.time)
    const time = timeText === undefined ? defaultTime : timeFromText(timeText, this.#zone)
    if (Number.isNaN(time))
      throw new BadRecordError('invalid_timestamp', `“${timeText!.slice(0, 80)}” is no time`)
    const message = fields.take(slots.message) ?? ''
    const service = fields.take(slots.service) ?? origin.service
    const host = fields.take(slots.host) ?? origin.host
    const level = levelOfText(fields.take(slots.level))
    const traceId = fields.take(slots.traceId) ?? null
    const spanId = fields.take(slots.spanId) ?? null
    const attributes = fields.attributes()
    if (message === '' && attributes.names.length === 0)
      throw new BadRecordError('empty', 'the event has neither a message nor other fields')
    return { time, message, service, host, level, traceId, spanId, attributes }
  }
}

/**
 * Reads a payload that is one event, or a list of them, and hands them on as `complete` makes them. Throws
 * BadRecordError when it is not JSON, or an empty list.
 */
export function readJsonEvents(
  payload: Payload,
  events: Events,
  reader: JsonEventReader,
  complete: (event: LogEvent) => LogEvent = (event) => event,
): void {
  const json = payload.json()
  const list: readonly unknown[] = Array.isArray(json) ? json : [json]
  if (list.length === 0) throw new BadRecordError('empty', 'an empty list of events')
  const origin = originOf(payload)
  for (const [position, event] of list.entries())
    refusing(events, position, () =>
      events.log(position, complete(reader.read(event, events.defaultTime, origin))),
    )
}
