import type { KafkaMessage } from '../kafka/consumer-group.ts'
import type { StreamRecord, TopicPartition } from './task.ts'

/** A fetched message as a record that is not decoded yet. */
export function streamRecord(place: TopicPartition, message: KafkaMessage): StreamRecord<undefined> {
  return {
    topic: place.topic,
    partition: place.partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    key: message.key,
    bytes: message.value,
    headers: headersOf(message),
    value: undefined,
  }
}

/** Of repeated headers the last counts, as in Kafka's own `lastHeader`. */
function headersOf({ headers = {} }: KafkaMessage): Readonly<Record<string, Buffer>> {
  const entries = Object.entries(headers).map(([key, value]) => {
    const last = Array.isArray(value) ? value.at(-1) : value
    return [key, Buffer.isBuffer(last) ? last : Buffer.from(last ?? '')] as const
  })
  return Object.fromEntries(entries)
}
