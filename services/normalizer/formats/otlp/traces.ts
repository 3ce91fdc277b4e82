import type { Span, SpanEvent, SpanKind, SpanLink, SpanStatus } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import type { Events, ReaderOptions } from '../../format.ts'
import { refusing } from '../../record-events.ts'
import { addTo, limited } from './attributes.ts'
import { type Group, listOf, type Message, messageOf } from './message.ts'
import { enumOf, idOf, millisOf, restOf, textOf } from './values.ts'

/** Hands on spans; positions count them. */
export class TracesReader {
  readonly #maxAttributes: number

  constructor({ maxAttributes }: ReaderOptions) {
    this.#maxAttributes = maxAttributes
  }

  read(groups: readonly Group[], events: Events): void {
    const origins = groups.map((group) => this.#originOf(group))
    let position = 0
    for (const [i, { records }] of groups.entries()) {
      for (const record of records) {
        refusing(events, position, () => events.span(position, this.#spanOf(record, origins[i]!)))
        position++
      }
    }
  }

  #originOf({ resource, scope }: Group): Origin {
    const attributes = new Map<string, string>()
    addTo(attributes, resource.attributes)
    return {
      service: attributes.get('service.name') || 'unknown',
      host: attributes.get('host.name') ?? '',
      resource: limited(attributes, this.#maxAttributes).record(),
      scope: textOf(scope.name, "the scope's name"),
    }
  }

  #spanOf(value: unknown, origin: Origin): Span {
    const span = messageOf(value, 'a span')
    const status = messageOf(span.status ?? {}, 'the status')
    return {
      ...origin,
      ...idsOf(span),
      parentSpanId: idOf(span.parentSpanId, 8),
      name: textOf(span.name, "a span's name"),
      kind: kinds[enumOf(span.kind, 'SPAN_KIND_', kindNames)] ?? 'unspecified',
      time: millisOf(span.startTimeUnixNano),
      timeNanos: restOf(span.startTimeUnixNano),
      durationNs: durationOf(span),
      status: statuses[enumOf(status.code, 'STATUS_CODE_', statusNames)] ?? 'unset',
      statusMessage: textOf(status.message, "the status' message"),
      traceState: textOf(span.traceState, 'traceState'),
      attributes: this.#attributesOf(span),
      events: listOf(span.events, 'events').map((one) => this.#eventOf(one)),
      links: listOf(span.links, 'links').map((one) => this.#linkOf(one)),
    }
  }

  #eventOf(value: unknown): SpanEvent {
    const event = messageOf(value, "a span's event")
    const time = millisOf(event.timeUnixNano)
    if (!Number.isSafeInteger(time))
      throw new BadRecordError('invalid_timestamp', 'an event of the span has no time')
    return {
      time,
      timeNanos: restOf(event.timeUnixNano),
      name: textOf(event.name, "an event's name"),
      attributes: this.#attributesOf(event),
    }
  }

  #linkOf(value: unknown): SpanLink {
    const link = messageOf(value, "a span's link")
    return { ...idsOf(link), attributes: this.#attributesOf(link) }
  }

  #attributesOf({ attributes }: Message): Readonly<Record<string, string>> {
    const fields = new Map<string, string>()
    addTo(fields, attributes)
    return limited(fields, this.#maxAttributes).record()
  }
}

/** What the spans of one resource and scope share. */
type Origin = Pick<Span, 'service' | 'host' | 'resource' | 'scope'>

function idsOf(message: Message): { readonly traceId: string; readonly spanId: string } {
  const traceId = idOf(message.traceId, 16)
  const spanId = idOf(message.spanId, 8)
  if (traceId === null || spanId === null)
    throw new BadRecordError(
      'invalid_id',
      'a trace id has 16 bytes and a span id has 8, not all of them zero',
    )
  return { traceId, spanId }
}

/** Clocks are set while spans last: one that ends before it begins, or has no end, took no time. */
function durationOf({ startTimeUnixNano: start, endTimeUnixNano: end }: Message): number {
  const duration = (millisOf(end) - millisOf(start)) * 1e6 + (restOf(end) - restOf(start))
  if (Number.isNaN(duration) || duration > Number.MAX_SAFE_INTEGER)
    throw new BadRecordError(
      'invalid_timestamp',
      'the span has no start or end that is a time, or lasts longer than 104 days',
    )
  return Math.max(0, duration)
}

const kinds: readonly SpanKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const kindNames = kinds.map((kind) => kind.toUpperCase())

const statuses: readonly SpanStatus[] = ['unset', 'ok', 'error']
const statusNames = statuses.map((status) => status.toUpperCase())
