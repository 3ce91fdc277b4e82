import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import type { Payload } from '../payload.ts'
import { type MessageType, messageType } from '../protobuf/message-type.ts'
import { refusing } from '../record-events.ts'
import { type FoundSpan, spansIn } from './jaeger/json.ts'
import { isJson, protobufForm } from './jaeger/shape.ts'
import { SpanReader } from './jaeger/span.ts'
import { type Message, messageOf } from './otlp/message.ts'

/**
 * Jaeger's spans: one a record, or a batch of them, in protobuf or its JSON, as its collector writes them into Kafka; and the JSON of its API.
 * JSON may be a list, or one value a line. Positions count spans.
 */
export const jaeger: Format = {
  name: 'jaeger',
  contentTypes: [],

  recognizes: (payload) =>
    protobufForm(payload.bytes) !== undefined || (payload.looksLikeJson && isJson(payload.jsonOrNothing())),

  createReader: (options) => new JaegerReader(options),
}

interface Batch {
  readonly spans: readonly Message[]
  readonly process: Message | null
}

class JaegerReader implements Reader {
  readonly #spans = typeOf<Message>('Span')
  readonly #batches = typeOf<Batch>('Batch')
  readonly #reader: SpanReader

  constructor({ maxAttributes }: ReaderOptions) {
    this.#reader = new SpanReader(maxAttributes)
  }

  read(payload: Payload, events: Events): void {
    for (const [position, { span, process }] of this.#spansOf(payload).entries())
      refusing(events, position, () =>
        events.span(position, this.#reader.read(messageOf(span, 'a span'), process, events.defaultTime)),
      )
  }

  #spansOf(payload: Payload): readonly FoundSpan[] {
    const form = protobufForm(payload.bytes)
    if (!form && payload.looksLikeJson) return spansIn(payload.json())
    if (form !== 'batch') return [{ span: this.#spans.decode(payload.bytes), process: undefined }]
    const { spans, process } = this.#batches.decode(payload.bytes)
    return spans.map((span) => ({ span, process }))
  }
}

/** Tags and processes repeat, and are decoded once. Flags say what was sampled, which is past. */
function typeOf<T extends object>(name: string): MessageType<T> {
  return messageType('jaeger/api_v2/model.proto', `jaeger.api_v2.${name}`, {
    unread: ['jaeger.api_v2.Span.flags'],
    shared: {
      'jaeger.api_v2.KeyValue': (message) => message,
      'jaeger.api_v2.Process': (message) => message,
    },
  })
}
