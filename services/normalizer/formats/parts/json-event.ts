import { isUtf8 } from 'node:buffer'
import { BadRecordError } from '../../../../shared/errors.ts'
import type { LogEvent } from '../../../../shared/logs/placed-log.ts'
import type { Events, Reader } from '../../format.ts'
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
  readonly #hasKey = (key: string) => this.#fields.has(key)

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
    this.#fields.read(event)
    return this.#event(defaultTime, origin)
  }

  /**
   * Looks at the bytes of one event: true when they are surely one, of which `isMeant` says by its keys that it is of this
   * shape. Then `scanned` reads it.
   */
  scan(bytes: Buffer, isMeant: IsMeant): boolean {
    return isUtf8(bytes) && this.#fields.scan(bytes) && isMeant(this.#hasKey)
  }

  /** The event that was scanned last. Throws BadRecordError. */
  scanned(defaultTime: number, origin: Origin): LogEvent {
    return this.#event(defaultTime, origin)
  }

  #event(defaultTime: number, origin: Origin): LogEvent {
    const fields = this.#fields
    const slots = this.#slots
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

/** Whether an event that has these keys is of a shape. */
export type IsMeant = (has: (key: string) => boolean) => boolean

/** Reads payloads of log events of one shape, and hands the events on as `complete` makes them. */
export class JsonLogsReader implements Reader {
  readonly #events: JsonEventReader
  readonly #isMeant: IsMeant
  readonly #complete: (event: LogEvent) => LogEvent

  constructor(events: JsonEventReader, isMeant: IsMeant, complete = (event: LogEvent) => event) {
    this.#events = events
    this.#isMeant = isMeant
    this.#complete = complete
  }

  readIfSure(payload: Payload, events: Events): boolean {
    if (events.only || !this.#events.scan(payload.bytes, this.#isMeant)) return false
    refusing(events, 0, () =>
      events.log(0, this.#complete(this.#events.scanned(events.defaultTime, originOf(payload)))),
    )
    return true
  }

  /** An event, or a list of them. Throws BadRecordError when it is not JSON, or an empty list. */
  read(payload: Payload, events: Events): void {
    const json = payload.json()
    const list: readonly unknown[] = Array.isArray(json) ? json : [json]
    if (list.length === 0) throw new BadRecordError('empty', 'an empty list of events')
    const origin = originOf(payload)
    for (const [position, event] of list.entries())
      refusing(events, position, () =>
        events.log(position, this.#complete(this.#events.read(event, events.defaultTime, origin))),
      )
  }
}
