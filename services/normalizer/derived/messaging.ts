import { errorTypeOf, type Operation, other, tagsOf, textIn } from './operation.ts'

type Attributes = Readonly<Record<string, string>>

/** Of OpenTelemetry, then of Zipkin's tracers and OpenTracing, which tell the system by the name, or not at all. */
const destinations = [
  'messaging.destination.template',
  'messaging.destination.name',
  'messaging.destination',
  'message_bus.destination',
  'kafka.topic',
  'rabbit.queue',
  'rabbit.exchange',
] as const

/** Whether these are attributes of a producer or consumer of messages. */
export const isMessaging = (attributes: Attributes) =>
  textIn(attributes, 'messaging.system', ...destinations) !== undefined

/** What a producer or consumer has done with messages. */
export function messagingOperation(
  attributes: Attributes,
  kind: 'producer' | 'consumer' | 'client',
  hasFailed: boolean,
): Operation {
  const type = typeOf(attributes) ?? typeByKind[kind]
  const processes = type === 'process'
  return {
    duration: processes ? 'messaging.process.duration' : 'messaging.client.operation.duration',
    count: countOf(attributes, type),
    businessErrors: 'messaging.client.business_error.count',
    tags: tagsOf({
      'messaging.system': systemOf(attributes),
      'messaging.operation.name': textIn(attributes, 'messaging.operation.name') ?? type,
      'messaging.operation.type': type,
      'messaging.destination.name': textIn(attributes, ...destinations),
      'messaging.consumer.group.name': textIn(
        attributes,
        'messaging.consumer.group.name',
        'messaging.kafka.consumer.group',
      ),
      'error.type': errorTypeOf(attributes) ?? (hasFailed ? other : undefined),
    }),
  }
}

const typeByKind = { producer: 'send', consumer: 'process', client: undefined } as const

/** `publish` and `deliver` are what it was called before. */
function typeOf(attributes: Attributes): string | undefined {
  const type = textIn(attributes, 'messaging.operation.type', 'messaging.operation')
  return type === 'publish' ? 'send' : type === 'deliver' ? 'process' : type
}

/** A message that is received and then processed, and has a span for each, is counted by both: the tags tell them apart. */
function countOf(attributes: Attributes, type: string | undefined): Operation['count'] {
  const metric = type === undefined ? undefined : countedBy.get(type)
  if (metric === undefined) return undefined
  const batch = textIn(attributes, 'messaging.batch.message_count')
  const value = batch !== undefined && /^\d{1,9}$/.test(batch) ? Number(batch) : 1
  return { metric, unit: '{message}', value }
}

const countedBy: ReadonlyMap<string, string> = new Map([
  ['send', 'messaging.client.sent.messages'],
  ['receive', 'messaging.client.consumed.messages'],
  ['process', 'messaging.client.consumed.messages'],
])

const systemOf = (attributes: Attributes) =>
  textIn(attributes, 'messaging.system') ??
  (textIn(attributes, 'kafka.topic') ? 'kafka' : undefined) ??
  (textIn(attributes, 'rabbit.queue', 'rabbit.exchange') ? 'rabbitmq' : undefined)
