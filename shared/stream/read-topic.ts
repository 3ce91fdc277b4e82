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
  onRecord: (record: StreamRecord<unknown>) => void | Promise<void>,
): Promise<void> {
  const client = createKafkaClient(kafka, log)
  const admin = await KafkaAdmin.connect(client)
  const ranges = await admin.ranges(topic).finally(() => admin.close())
  /** The next offset to read, of partitions that are not read to their end. */
  const unread = new Map(
    [...ranges].flatMap(([partition, { start, end }]) => (start < end ? [[partition, start]] : [])),
  )
  if (unread.size === 0) return
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>()
  const reached = (partition: number, nextOffset: number) => {
    if (nextOffset >= ranges.get(partition)!.end) unread.delete(partition)
    else if (unread.has(partition)) unread.set(partition, nextOffset)
    if (unread.size === 0) resolve()
  }
  const read = async ({ partition, messages, nextOffset }: FetchedBatch) => {
    const { end } = ranges.get(partition)!
    for (const message of messages) {
      const offset = message.position
      // After a rebalance the group begins anew, having committed nothing.
      if (offset < (unread.get(partition) ?? end) || offset >= end) continue
      await onRecord(streamRecord({ topic, partition }, message))
      unread.set(partition, offset + 1)
    }
    reached(partition, nextOffset)
    group.resume(topic, partition)
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
      metadataMaxAgeMs: kafka.metadataMaxAgeMs,
      refusedBackoffMs: 15_000,
    },
    {
      assigned: () => undefined,
      failed: reject,
      fetched: (batch) => {
        group.pause(topic, batch.partition)
        then(() => read(batch))
      },
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
