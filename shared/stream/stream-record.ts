import type { FetchedMessage } from '../kafka/consumer-group.ts'
import type { StreamRecord, TopicPartition } from './task.ts'

/** A fetched message as a record that is not decoded yet: its value is set when it is. */
export function streamRecord(
  place: TopicPartition,
  message: FetchedMessage,
): StreamRecord<unknown> & { value: unknown } {
  return {
    topic: place.topic,
    partition: place.partition,
    offset: message.position,
    timestamp: message.time,
    isAppendTime: message.isAppendTime,
    key: message.key,
    bytes: message.value,
    headers: headersOf(message),
    value: undefined,
  }
}

const noHeaders: Readonly<Record<string, Buffer>> = Object.freeze({})

/** Records that follow one another with the same headers share them. */
let lastHeaders: FetchedMessage['headers'] = noHeaders
let lastTaken = noHeaders

function headersOf({ headers = noHeaders }: FetchedMessage): Readonly<Record<string, Buffer>> {
  if (headers === lastHeaders) return lastTaken
  if (!hasKeys(headers)) return noHeaders
  lastTaken = lastOfEach(headers)
  lastHeaders = headers
  return lastTaken
}

/** Of repeated headers the last counts, as in Kafka's own `lastHeader`. */
function lastOfEach(headers: FetchedMessage['headers']): Readonly<Record<string, Buffer>> {
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
