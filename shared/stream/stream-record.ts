import type { KafkaMessage } from '../kafka/consumer-group.ts'
import type { StreamRecord, TopicPartition } from './task.ts'

/** A fetched message as a record that is not decoded yet: its value is set when it is. */
export function streamRecord(
  place: TopicPartition,
  message: KafkaMessage,
): StreamRecord<unknown> & { value: unknown } {
  return {
    topic: place.topic,
    partition: place.partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    isAppendTime: isAppendTime(message),
    key: message.key,
    bytes: message.value,
    headers: headersOf(message),
    value: undefined,
  }
}

/** kafkajs keeps what the batch said of its timestamps with each of its messages, but does not tell so in its types. */
const isAppendTime = (message: KafkaMessage) =>
  (message as { readonly batchContext?: { readonly timestampType?: number } }).batchContext?.timestampType ===
  1

const noHeaders: Readonly<Record<string, Buffer>> = Object.freeze({})

/** Of repeated headers the last counts, as in Kafka's own `lastHeader`. */
function headersOf({ headers = noHeaders }: KafkaMessage): Readonly<Record<string, Buffer>> {
  if (!hasKeys(headers)) return noHeaders
  const entries = Object.entries(headers).map(([key, value]) => {
    const last = Array.isArray(value) ? value.at(-1) : value
    return [key, Buffer.isBuffer(last) ? last : Buffer.from(last ?? '')] as const
  })
  return Object.fromEntries(entries)
}

/** Object.keys would make an array for each record, and most have no headers. */
function hasKeys(headers: object): boolean {
  for (const _ in headers) return true
  return false
}
