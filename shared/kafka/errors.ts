import { FencedError, RetryableError } from '../errors.ts'

/** What the coordinators answer to a producer that another one has replaced, or whose transaction has timed out. */
const fencedTypes: ReadonlySet<string> = new Set([
  'INVALID_PRODUCER_EPOCH',
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_ID_MAPPING',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_TXN_STATE',
  'TRANSACTION_COORDINATOR_FENCED',
])

interface KafkaJsError {
  readonly message: string
  readonly type?: string
  readonly cause?: unknown
  readonly originalError?: unknown
}

/** Gives an error of kafkajs its meaning for the worker: `doing` says what was tried, such as "commit of points-3". */
export function kafkaError(error: unknown, doing: string): FencedError | RetryableError {
  const root = rootOf(error as KafkaJsError)
  const message = `${doing}: ${root.message}${root.type ? ` (${root.type})` : ''}`
  return fencedTypes.has(root.type ?? '')
    ? new FencedError(message, { cause: error })
    : new RetryableError('Kafka', message, { cause: error })
}

/** kafkajs wraps what a broker said in errors about its retries. */
function rootOf(error: KafkaJsError): KafkaJsError {
  const inner = (error.originalError ?? error.cause) as KafkaJsError | undefined
  return error.type || !inner || typeof inner !== 'object' || !inner.message ? error : rootOf(inner)
}
