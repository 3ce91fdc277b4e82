import type { Span, SpanLink } from '../../../../shared/avro/types.ts'
import { listOf, type Message, messageOf } from '../otlp/message.ts'
import { enumOf } from '../otlp/values.ts'
import { idOf, idOrNull } from '../spans/ids.ts'

const types = ['child_of', 'follows_from'] as const

interface Reference {
  readonly type: (typeof types)[number]
  readonly traceId: string
  readonly spanId: string
}

/** Of a message of the API, which says traceID, or of the model, which says traceId. */
export const traceIdIn = (message: Message) => message.traceID ?? message.traceId
export const spanIdIn = (message: Message) => message.spanID ?? message.spanId

/**
 * The parent is the first span of the same trace that this one is a child of, else the first that it follows. All other references are
 * links, as is every span that this one follows. Throws BadRecordError when they can't be read.
 */
export function relationsOf(span: Message, traceId: string): Pick<Span, 'parentSpanId' | 'links'> {
  const list = listOf(span.references, 'references')
  if (list.length === 0) return { parentSpanId: idOrNull(span.parentSpanID, 16), links: [] }
  const references = list.map(referenceOf)
  const inTrace = references.filter((one) => one.traceId === traceId)
  const parent = inTrace.find(({ type }) => type === 'child_of') ?? inTrace[0]
  return {
    parentSpanId: parent?.spanId ?? null,
    links: references.filter((one) => one !== parent || one.type === 'follows_from').map(linkOf),
  }
}

function referenceOf(value: unknown): Reference {
  const reference = messageOf(value, 'a reference')
  const type = enumOf(lowerCase(reference.refType), '', types)
  return {
    type: types[type] ?? 'follows_from',
    traceId: idOf(traceIdIn(reference), 32),
    spanId: idOf(spanIdIn(reference), 16),
  }
}

const linkOf = ({ type, traceId, spanId }: Reference): SpanLink => ({
  traceId,
  spanId,
  attributes: { 'opentracing.ref_type': type },
})

const lowerCase = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value)
