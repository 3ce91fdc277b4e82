import type { Fields } from '../../../../shared/logs/fields.ts'
import type { LogEvent } from '../../../../shared/logs/placed-log.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import type { Events } from '../../format.ts'
import type { Draft, LogLine } from '../../line-joiner.ts'
import type { Origin } from '../parts/origin.ts'
import { type TraceKind, traceLevel, traceNext, traceStart } from '../parts/stack-trace.ts'
import type { Zone } from '../parts/zone.ts'
import { type TextHead, textHead } from './head.ts'

/** What is known of a line of text beside what stands in it. */
export interface LineContext {
  readonly zone: Zone
  readonly origin: Origin
  /** Of the line: when it was written, if that is known, or else when the broker took it. */
  readonly time: EventTime
  /** Whether the line's own time is not asked for, because a better one is known. */
  readonly isTimed: boolean
  readonly attributes: Fields
  /** An event that stands as JSON in a line of its own. */
  readonly inner?: (line: string, outer: LogEvent) => LogEvent | undefined
}

/** A line of text with its head, which is looked for once. */
export class TextLine implements LogLine {
  readonly text: string
  readonly isPartial: boolean
  readonly context: LineContext
  #head: TextHead | undefined | null = null

  constructor(text: string, isPartial: boolean, context: LineContext) {
    this.text = text
    this.isPartial = isPartial
    this.context = context
  }

  get isIndented(): boolean {
    const first = this.text.charCodeAt(0)
    return first === 0x20 || first === 0x09
  }

  /** What a logger writes before the message, if one wrote the line. */
  get head(): TextHead | undefined {
    const { zone, time } = this.context
    if (this.#head === null) this.#head = textHead(this.text, { zone, near: time })
    return this.#head
  }
}

/** A log event of lines of text: a message, with a stack trace if one follows. */
export class TextDraft implements Draft<TextLine> {
  readonly #context: LineContext
  readonly #lines: string[]
  readonly #head: TextHead | undefined
  #kind: TraceKind
  #isOpen: boolean

  /** `events` says whether the line's time is taken: if not, the broker's is, and the line stays as it is. */
  constructor(line: TextLine, events: Pick<Events, 'timeProblem'>) {
    const { text, isPartial, context, head } = line
    const isOff = head && !Number.isNaN(head.time) && events.timeProblem(head.time) !== undefined
    this.#context = context
    this.#lines = [text]
    this.#head = isOff ? { ...head, time: Number.NaN, end: 0 } : head
    this.#kind = traceStart(text, head !== undefined)
    this.#isOpen = isPartial
  }

  get isComplete(): boolean {
    const [first = ''] = this.#lines
    return !this.#isOpen && this.#lines.length === 1 && first.startsWith('{"') && first.endsWith('}')
  }

  add(line: TextLine): boolean {
    if (this.#isOpen) this.#lines.push(this.#lines.pop() + line.text)
    else {
      const kind = !line.isIndented && line.head ? undefined : traceNext(this.#kind, line.text)
      if (kind === undefined) return false
      this.#kind = kind
      this.#lines.push(line.text)
    }
    this.#isOpen = line.isPartial
    return true
  }

  event(): LogEvent {
    const { origin, time, isTimed, attributes, inner } = this.#context
    const head = this.#head
    const [first = ''] = this.#lines
    const event: LogEvent = {
      time: isTimed || !head || Number.isNaN(head.time) ? time : head.time,
      message: this.#lines.join('\n').slice(head?.end ?? 0),
      service: origin.service,
      host: origin.host,
      level: head?.level ?? traceLevel(first),
      traceId: null,
      spanId: null,
      attributes,
    }
    const isJson = this.#lines.length === 1 && first.startsWith('{"')
    return (isJson && inner?.(first, event)) || event
  }
}
