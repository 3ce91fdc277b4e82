import type { Span, SpanEvent } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import { limited } from '../otlp/attributes.ts'
import { listOf, type Message, messageOf } from '../otlp/message.ts'
import { integerOf, textOf } from '../otlp/values.ts'
import { idOf, idOrNull } from '../spans/ids.ts'
import { kindOf, takeKnownTags } from '../spans/known-tags.ts'
import { durationOfNanos, momentOfMicros, startWithout } from '../spans/moments.ts'
import { tagText } from '../spans/tag-text.ts'
import { type Endpoint, endpointOf } from './endpoint.ts'

/** What stands in for what a span does not tell, and how many attributes it may have. */
interface SpanOptions {
  readonly defaultTime: EventTime
  readonly maxAttributes: number
}

/**
 * A span of Zipkin's version 2, from JSON or protobuf, which have the same names. Client and server may share one id: each keeps it, and
 * its kind tells it from the other. Throws BadRecordError when it can't be read.
 */
export function spanOf(span: Message, { defaultTime, maxAttributes }: SpanOptions): Span {
  const local = endpointOf(span.localEndpoint)
  const attributes = new Map<string, string>()
  add(attributes, 'network.local', local)
  addRemote(attributes, endpointOf(span.remoteEndpoint))
  const isShared = span.shared === true
  if (isShared) attributes.set('zipkin.shared', 'true')
  addTags(attributes, span.tags)
  const { kind, ...known } = takeKnownTags(attributes)
  const events = listOf(span.annotations, 'annotations').map(eventOf)
  return {
    traceId: idOf(span.traceId, 32),
    spanId: idOf(span.id, 16),
    parentSpanId: idOrNull(span.parentId, 16),
    name: textOf(span.name, "a span's name"),
    // Zipkin has no name for spans within a process; and only a server shares its client's id.
    kind: kindNamed(span.kind) ?? kind ?? (isShared ? 'server' : 'internal'),
    service: local.service || 'unknown',
    host: local.address,
    ...(momentOfMicros(span.timestamp) ?? startWithout(events, defaultTime)),
    durationNs: durationOfNanos(integerOf(span.duration, 'a duration') * 1_000),
    ...known,
    attributes: limited(attributes, maxAttributes).record(),
    resource: local.service === '' ? {} : { 'service.name': local.service },
    events,
    links: [],
  }
}

function eventOf(value: unknown): SpanEvent {
  const annotation = messageOf(value, 'an annotation')
  const moment = momentOfMicros(annotation.timestamp)
  if (!moment) throw new BadRecordError('invalid_timestamp', 'an annotation has no time')
  return { ...moment, name: textOf(annotation.value, 'an annotation'), attributes: {} }
}

function add(attributes: Map<string, string>, side: string, { address, port }: Endpoint): void {
  if (address !== '') attributes.set(`${side}.address`, address)
  if (port !== '') attributes.set(`${side}.port`, port)
}

function addRemote(attributes: Map<string, string>, remote: Endpoint): void {
  if (remote.service !== '') attributes.set('peer.service', remote.service)
  add(attributes, 'network.peer', remote)
}

function addTags(attributes: Map<string, string>, value: unknown): void {
  const tags = messageOf(value ?? {}, 'tags')
  for (const key of Object.keys(tags)) attributes.set(key.toWellFormed(), tagText(tags[key]))
}

/** Protobuf's enum. */
const numbered = [undefined, 'client', 'server', 'producer', 'consumer'] as const

const kindNamed = (kind: unknown) =>
  typeof kind === 'string' ? kindOf(kind) : typeof kind === 'number' ? numbered[kind] : undefined
