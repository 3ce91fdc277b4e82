import type { Events, Format, Reader, ReaderOptions } from '../../format.ts'
import type { Payload } from '../../payload.ts'
import { type MessageType, messageType } from '../../protobuf/message-type.ts'
import { Attribute } from './attributes.ts'
import { isJsonOf, jsonMessages } from './json.ts'
import { LogsReader } from './logs.ts'
import { type Group, groupsOf, type Levels, type Message } from './message.ts'
import { MetricsReader } from './metrics.ts'
import { signalOf } from './shape.ts'
import { type Signal, signals } from './signals.ts'
import { TracesReader } from './traces.ts'

/** OpenTelemetry's metrics, in protobuf or JSON. */
export const otlpMetrics = formatOf('metrics', (options) => new MetricsReader(options))

/** OpenTelemetry's log records, in protobuf or JSON. */
export const otlpLogs = formatOf('logs', (options) => new LogsReader(options))

/** OpenTelemetry's spans, in protobuf or JSON. */
export const otlpTraces = formatOf('traces', (options) => new TracesReader(options))

/** Attributes repeat. */
const shared = { 'opentelemetry.proto.common.v1.KeyValue': (message: object) => new Attribute(message) }

interface GroupReader {
  /** Throws BadRecordError before anything is handed on, or not at all. */
  read(groups: readonly Group[], events: Events): void
}

function formatOf(signal: Signal, createGroupReader: (options: ReaderOptions) => GroupReader): Format {
  const { levels, definition, message, unread } = signals[signal]
  return {
    name: `otlp-${signal}`,
    // Those that agents send, application/x-protobuf and application/json, do not say which signal it is: the bytes do.
    contentTypes: [],
    recognizes: (payload) => isJsonOf(payload, levels.resources) || signalOf(payload.bytes) === signal,
    createReader: (options) =>
      readerOf(
        levels,
        messageType<Message>(definition, message, { unread, shared }),
        createGroupReader(options),
      ),
  }
}

function readerOf(levels: Levels, type: MessageType<Message>, reader: GroupReader): Reader {
  // A length of 91 or 123 after a first byte that is also a line break looks like a bracket.
  const messagesOf = (payload: Payload) =>
    payload.looksLikeJson && !signalOf(payload.bytes)
      ? jsonMessages(payload, levels)
      : [type.decode(payload.bytes)]
  return {
    read(payload, events) {
      reader.read(
        messagesOf(payload).flatMap((message) => groupsOf(message, levels)),
        events,
      )
    },
  }
}
