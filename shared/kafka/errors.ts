import { FencedError, RefusedError, RetryableError } from '../errors.ts'
import type { KafkaJsError } from './kafkajs-error.ts'
import { refusalSentence } from './refusal-sentence.ts'
import { refusalOf } from './refusals.ts'

/** What the coordinators answer to a producer that another one has replaced, or whose transaction has timed out. */
const fencedTypes: ReadonlySet<string> = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_TXN_STATE',
  'TRANSACTION_COORDINATOR_FENCED',
])

/** Gives an error of kafkajs its meaning for the worker: `doing` says what was tried, such as "commit of points-3". */
export function kafkaError(error: unknown, doing: string): FencedError | RetryableError {
  const chain = chainOf(error as KafkaJsError)
  const root = chain.at(-1)!
  const refusal = refusalSentence(root, chain.map(refusalOf).find(Boolean))
  if (refusal) return new RefusedError('Kafka', refusal.kind, `${doing}: ${refusal.text}`, { cause: error })
  const message = `${doing}: ${root.message}${root.type ? ` (${root.type})` : ''}${hintFor(root)}`
  return fencedTypes.has(root.type ?? '')
    ? new FencedError(message, { cause: error })
    : new RetryableError('Kafka', message, { cause: error })
}

/** What a broker said comes wrapped in errors about kafkajs' retries, and in one about all topics of a request: it is the last. */
function chainOf(error: KafkaJsError): readonly KafkaJsError[] {
  const inner = (error.originalError ?? error.cause ?? error.errors?.[0]) as KafkaJsError | undefined
  return error.type || !inner || typeof inner !== 'object' || !inner.message
    ? [error]
    : [error, ...chainOf(inner)]
}

/** A broker that hears another protocol than it expects says nothing. */
const hintFor = ({ message }: KafkaJsError) =>
  /closed connection|closed by the server|before secure TLS connection/i.test(message)
    ? '; if this goes on, kafka.tls or kafka.sasl may not be what the listener wants'
    : ''
