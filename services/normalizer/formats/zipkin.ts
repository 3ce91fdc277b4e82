import { BadRecordError } from '../../../shared/errors.ts'
import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import type { Payload } from '../payload.ts'
import { messageType } from '../protobuf/message-type.ts'
import { refusing } from '../record-events.ts'
import { type Message, messageOf } from './otlp/message.ts'
import { isJsonSpan, isProtobuf } from './zipkin/shape.ts'
import { spanOf } from './zipkin/span.ts'
import { isVersion1, ofVersion1 } from './zipkin/version-1.ts'

/**
 * Zipkin's spans: version 2 in JSON or protobuf, version 1 in JSON. JSON may be a list, a list of traces, one span, or one of these a line.
 * Positions count spans.
 */
export const zipkin: Format = {
  name: 'zipkin',
  // Reporters say application/json and application/x-protobuf.
  contentTypes: [],

  recognizes: (payload) =>
    isProtobuf(payload.bytes) || (payload.looksLikeJson && isJsonSpan(firstIn(payload.jsonOrNothing()))),

  createReader: (options) => createReader(options),
}

function createReader({ maxAttributes }: ReaderOptions): Reader {
  const lists = messageType<{ readonly spans: readonly Message[] }>(
    'zipkin.proto',
    'zipkin.proto3.ListOfSpans',
  )
  return {
    read(payload, events) {
      const spans = spansOf(payload, (bytes) => lists.decode(bytes).spans)
      const options = { defaultTime: events.defaultTime, maxAttributes }
      for (const [position, span] of spans.entries())
        refusing(events, position, () => readSpan(position, messageOf(span, 'a span'), events, options))
    },
  }
}

function readSpan(
  position: number,
  span: Message,
  events: Events,
  options: Parameters<typeof spanOf>[1],
): void {
  const spans = (isVersion1(span) ? ofVersion1(span) : [span]).map((one) => spanOf(one, options))
  // Both sides of a span are taken, or none.
  for (const { time } of spans) {
    const problem = events.timeProblem(time)
    if (problem) throw new BadRecordError(problem.reason, problem.detail)
  }
  for (const one of spans) events.span(position, one)
}

function spansOf(payload: Payload, decode: (bytes: Buffer) => readonly unknown[]): readonly unknown[] {
  // A length of 91 or 123 after a first byte that is also a line break looks like a bracket.
  return payload.looksLikeJson && !isProtobuf(payload.bytes) ? spansIn(payload.json()) : decode(payload.bytes)
}

const spansIn = (json: unknown): readonly unknown[] => [json].flat(2)

const firstIn = (json: unknown): unknown => (Array.isArray(json) ? [json[0]].flat()[0] : json)
