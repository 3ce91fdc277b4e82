import type { Span, SpanEvent } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import { limited } from '../otlp/attributes.ts'
import { listOf, type Message, messageOf } from '../otlp/message.ts'
import { textOf } from '../otlp/values.ts'
import { idOf } from '../spans/ids.ts'
import { takeKnownTags } from '../spans/known-tags.ts'
import { startWithout } from '../spans/moments.ts'
import { relationsOf, spanIdIn, traceIdIn } from './references.ts'
import { durationOf, tagsOf, timeOf } from './values.ts'

/** Makes spans of Jaeger's, of its API or of its model: the names are the same but for some capitals, the values have other forms. */
export class SpanReader {
  readonly #maxAttributes: number
  /** Processes stand for many spans. */
  readonly #origins = new WeakMap<object, Origin>()

  constructor(maxAttributes: number) {
    this.#maxAttributes = maxAttributes
  }

  /** `process` is what the span's surroundings say; the span's own comes first. Throws BadRecordError when it can't be read. */
  read(span: Message, process: unknown, defaultTime: EventTime): Span {
    const tags = renamed(tagsOf(span.tags))
    const warnings = listOf(span.warnings, 'warnings').map((one) => textOf(one, 'a warning'))
    if (warnings.length > 0) tags.set('jaeger.warnings', JSON.stringify(warnings))
    const { kind = 'unspecified', ...known } = takeKnownTags(tags)
    const traceId = idOf(traceIdIn(span), 32)
    const events = listOf(span.logs, 'logs').map((one) => this.#eventOf(one))
    return {
      traceId,
      spanId: idOf(spanIdIn(span), 16),
      ...relationsOf(span, traceId),
      name: textOf(span.operationName, 'operationName'),
      kind,
      ...this.#originOf(span.process ?? process),
      ...(timeOf(span.startTime) ?? startWithout(events, defaultTime)),
      durationNs: durationOf(span.duration),
      ...known,
      attributes: limited(tags, this.#maxAttributes).record(),
      events,
    }
  }

  #originOf(value: unknown): Origin {
    const process = messageOf(value ?? nobody, 'a process')
    let origin = this.#origins.get(process)
    if (!origin) {
      origin = originOf(process, this.#maxAttributes)
      this.#origins.set(process, origin)
    }
    return origin
  }

  #eventOf(value: unknown): SpanEvent {
    const log = messageOf(value, 'a log')
    const moment = timeOf(log.timestamp)
    if (!moment) throw new BadRecordError('invalid_timestamp', 'a log of the span has no time')
    const fields = tagsOf(log.fields)
    const name = fields.get('event') ?? ''
    fields.delete('event')
    return { ...moment, name, attributes: limited(fields, this.#maxAttributes).record() }
  }
}

type Origin = Pick<Span, 'service' | 'host' | 'resource'>

const nobody: Message = {}

function originOf(process: Message, maxAttributes: number): Origin {
  const service = textOf(process.serviceName, 'serviceName')
  const resource = tagsOf(process.tags)
  rename(resource, 'hostname', 'host.name')
  rename(resource, 'ip', 'host.ip')
  if (service !== '') resource.set('service.name', service)
  return {
    service: service || 'unknown',
    host: resource.get('host.name') || resource.get('host.ip') || '',
    resource: limited(resource, maxAttributes).record(),
  }
}

/** The other side, as OpenTracing calls it. Some tracers write addresses as numbers: those stay as they are. */
function renamed(tags: Map<string, string>): Map<string, string> {
  for (const name of ['peer.ipv4', 'peer.ipv6'])
    if (/[.:]/.test(tags.get(name) ?? '')) rename(tags, name, 'network.peer.address')
  rename(tags, 'peer.port', 'network.peer.port')
  return tags
}

function rename(tags: Map<string, string>, from: string, to: string): void {
  const text = tags.get(from)
  if (text === undefined || tags.has(to)) return
  tags.delete(from)
  tags.set(to, text)
}
