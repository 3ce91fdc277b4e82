import { setOwn } from '../../../../shared/logs/fields.ts'
import { listOf, type Message, messageOf } from '../otlp/message.ts'
import { integerOf, textOf } from '../otlp/values.ts'
import { tagText } from '../spans/tag-text.ts'
import { isObject } from '../telegraf-json.ts'

/** Whether this is a span of Zipkin's version 1, whose annotations say where they were made. */
export const isVersion1 = ({ annotations, binaryAnnotations }: Message) =>
  Array.isArray(binaryAnnotations) ||
  (Array.isArray(annotations) && annotations.some((one) => isObject(one) && 'endpoint' in one))

/** A side of a span: the annotations with which it begins and ends, and the tag that tells the address of the other one. */
const sides = [
  { kind: 'CLIENT', begin: 'cs', end: 'cr', remote: 'sa' },
  { kind: 'SERVER', begin: 'sr', end: 'ss', remote: 'ca' },
  { kind: 'PRODUCER', begin: 'ms', end: undefined, remote: 'ma' },
  { kind: 'CONSUMER', begin: 'mr', end: undefined, remote: 'ma' },
] as const
type Side = (typeof sides)[number]

/** A span that neither of two sides has told of. */
const withinProcess = { kind: undefined, begin: undefined, end: undefined, remote: 'sa' } as const

const coreAnnotations: ReadonlySet<string | undefined> = new Set(
  sides.flatMap(({ begin, end }) => [begin, end]),
)
const addresses: ReadonlySet<unknown> = new Set(sides.map(({ remote }) => remote))

/**
 * The spans of version 2 that one of version 1 holds: one for each side that has told of it. Those of two sides keep their one id, and the
 * second is marked as shared. Throws BadRecordError when it can't be read.
 */
export function ofVersion1(span: Message): readonly Message[] {
  const annotations = listOf(span.annotations, 'annotations').map((one) => messageOf(one, 'an annotation'))
  const tags = listOf(span.binaryAnnotations, 'binaryAnnotations').map((one) =>
    messageOf(one, 'a binary annotation'),
  )
  const core = coreOf(annotations)
  const told = sidesIn(core)
  const anyEndpoint = [...annotations, ...tags.filter((tag) => !isAddress(tag))].find(hasEndpoint)?.endpoint
  const endpoints = told.map(
    ({ begin, end }) => core.get(begin ?? '')?.endpoint ?? core.get(end ?? '')?.endpoint ?? anyEndpoint,
  )
  const names = endpoints.map(serviceOf)
  /** The side that an annotation belongs to: that of its service, else the first. */
  const sideOf = ({ endpoint }: Message) => Math.max(0, names.indexOf(serviceOf(endpoint)))
  return told.map((side, i) => ({
    traceId: span.traceId,
    id: span.id,
    parentId: span.parentId,
    name: span.name,
    kind: side.kind,
    ...timesOf(span, core.get(side.begin ?? ''), core.get(side.end ?? ''), told.length === 1, i === 0),
    localEndpoint: endpoints[i],
    remoteEndpoint: tags.find((tag) => tag.key === side.remote && isAddress(tag))?.endpoint,
    annotations: annotations.filter((one) => core.get(one.value as string) !== one && sideOf(one) === i),
    tags: tagsOf(tags.filter((tag) => !isAddress(tag) && sideOf(tag) === i)),
    // Who began a span tells its time; a server that does not was called with the id of its client.
    shared: i > 0 || (side.kind === 'SERVER' && integerOf(span.timestamp, 'a time') === 0),
  }))
}

/** The first of each annotation that begins or ends a side. */
function coreOf(annotations: readonly Message[]): ReadonlyMap<string, Message> {
  const core = new Map<string, Message>()
  for (const one of annotations) {
    const name = textOf(one.value, 'an annotation')
    if (coreAnnotations.has(name) && !core.has(name)) core.set(name, one)
  }
  return core
}

function sidesIn(core: ReadonlyMap<string, Message>): readonly (Side | typeof withinProcess)[] {
  const found = sides.filter(({ begin, end }) => core.has(begin) || (end !== undefined && core.has(end)))
  return found.length > 0 ? found : [withinProcess]
}

/** Of one side the span's own times count, of several those between their annotations. */
function timesOf(
  { timestamp, duration }: Message,
  begin: Message | undefined,
  end: Message | undefined,
  isAlone: boolean,
  isFirst: boolean,
) {
  const own = isFirst ? integerOf(timestamp, 'a time') : 0
  const began = integerOf(begin?.timestamp, 'a time')
  const ended = integerOf(end?.timestamp, 'a time')
  const ownDuration = isFirst ? integerOf(duration, 'a duration') : 0
  const between = began > 0 && ended > 0 ? ended - began : 0
  return isAlone
    ? { timestamp: own || began || ended, duration: ownDuration || between }
    : { timestamp: began || own || ended, duration: between || ownDuration }
}

function tagsOf(tags: readonly Message[]): Message {
  const record: Record<string, string> = {}
  for (const { key, value } of tags) setOwn(record, textOf(key, "a tag's key"), tagText(value))
  return record
}

/** Not a tag, but the address of the other side. */
const isAddress = ({ key, value }: Message) => addresses.has(key) && (value === true || value === 'true')

const hasEndpoint = ({ endpoint }: Message) => isObject(endpoint)

const serviceOf = (endpoint: unknown) => (isObject(endpoint) ? endpoint.serviceName : undefined)
