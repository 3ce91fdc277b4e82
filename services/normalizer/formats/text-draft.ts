import type { EventTime } from '../../../shared/stream/task.ts'
import type { Events, LogEvent } from '../format.ts'
import type { Draft, LogLine } from '../line-joiner.ts'
import type { Origin } from './origin.ts'
import { type TraceKind, traceLevel, traceNext, traceStart } from './stack-trace.ts'
import { type TextHead, textHead } from './text-head.ts'
import type { Zone } from './zone.ts'

/** What is known of a line of text beside what stands in it. */
export interface LineContext {
  readonly zone: Zone
  readonly origin: Origin
  /** Of the line: when it was written, if that is known, or else when the broker took it. */
  readonly time: EventTime
  /** Whether the line's own time is not asked for, because a better one is known. */
  readonly isTimed: boolean
  readonly attributes: Readonly<Record<string, string>>
  /** An event that stands as JSON in a line of its own. */
  readonly inner?: (line: string, outer: LogEvent) => LogEvent | undefined
}

/** A log event of lines of text: a message, with a stack trace if one follows. */
export class TextDraft implements Draft {
  readonly #context: LineContext
  readonly #lines: string[]
  readonly #head: TextHead | undefined
  #kind: TraceKind
  #isOpen: boolean

  /** `events` says whether the line's time is taken: if not, the broker's is, and the line stays as it is. */
  constructor({ text, isPartial }: LogLine, context: LineContext, events: Pick<Events, 'timeProblem'>) {
    const head = textHead(text, { zone: context.zone, near: context.time })
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

  add({ text, isPartial }: LogLine): boolean {
    if (this.#isOpen) this.#lines.push(this.#lines.pop() + text)
    else {
      const isIndented = text[0] === ' ' || text[0] === '\t'
      const { zone, time } = this.#context
      const kind =
        !isIndented && textHead(text, { zone, near: time }) ? undefined : traceNext(this.#kind, text)
      if (kind === undefined) return false
      this.#kind = kind
      this.#lines.push(text)
    }
    this.#isOpen = isPartial
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
