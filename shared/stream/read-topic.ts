import { randomUUID } from 'node:crypto'
import { KafkaAdmin } from '../kafka/admin.ts'
import { createKafkaClient } from '../kafka/client.ts'
import type { KafkaConfig } from '../kafka/config.ts'
import { ConsumerGroup, type FetchedBatch } from '../kafka/consumer-group.ts'
import type { Logger } from '../observability/logger.ts'
import { streamRecord } from './stream-record.ts'
import type { StreamRecord } from './task.ts'

/**
 * Reads all committed records of a topic up to where it ends now, in a group of its own that commits nothing. Records
 * of a partition come in order. Throws RetryableError, and what `onRecord` throws.
 */
export async function readTopic(
  kafka: KafkaConfig,
  topic: string,
  log: Logger,
  onRecord: (record: StreamRecord<undefined>) => void | Promise<void>,
): Promise<void> {
  const client = createKafkaClient(kafka, log)
  const admin = await KafkaAdmin.connect(client)
  const ranges = await admin.ranges(topic).finally(() => admin.close())
  const unread = new Map(
    [...ranges].filter(([, { start, end }]) => start < end).map(([partition, { end }]) => [partition, end]),
  )
  if (unread.size === 0) return
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>()
  const reached = (partition: number, nextOffset: number) => {
    if (nextOffset >= (unread.get(partition) ?? Infinity)) unread.delete(partition)
    if (unread.size === 0) resolve()
  }
  const read = async ({ partition, messages, nextOffset }: FetchedBatch) => {
    const end = ranges.get(partition)!.end
    for (const message of messages)
      if (unread.has(partition) && Number(message.offset) < end)
        await onRecord(streamRecord({ topic, partition }, message))
    reached(partition, nextOffset)
  }
  let reading = Promise.resolve()
  const then = (work: () => void | Promise<void>) => {
    reading = reading.then(work).catch(reject)
  }
  const group = new ConsumerGroup(
    client,
    {
      groupId: `${kafka.topicPrefix}-tail-${randomUUID()}`,
      topics: [topic],
      sessionTimeoutMs: 30_000,
      heartbeatIntervalMs: 3_000,
      fromBeginning: true,
    },
    {
      assigned: () => undefined,
      fetched: (batch) => then(() => read(batch)),
      skipped: (_, partition, nextOffset) => then(() => reached(partition, nextOffset)),
      interrupted: () => undefined,
    },
    log,
  )
  await group.start()
  try {
    await finished
  } finally {
    await group.stop()
  }
}
