import { randomUUID } from 'node:crypto'
import { KafkaAdmin } from '../kafka/admin.ts'
import { createKafkaClient } from '../kafka/client.ts'
import type { KafkaConfig } from '../kafka/config.ts'
import { ConsumerGroup, type FetchedBatch } from '../kafka/consumer-group.ts'
import type { Logger } from '../observability/logger.ts'
import { streamRecord } from './stream-record.ts'
import type { StreamRecord } from './task.ts'

interface ReadOptions {
  /** By partition, the offset to begin at; partitions that are not in it are not read. By default all are, whole. */
  readonly from?: ReadonlyMap<number, number>
  /** Ends the reading early: it then returns as at the end. */
  readonly signal?: AbortSignal
  /** After each fetch, in offsets. */
  onProgress?(done: number, total: number): void
}

/**
 * Reads all committed records of a topic up to where it ends now, in a group of its own that commits nothing. Records
 * of a partition come in order. Throws RetryableError, and what `onRecord` throws.
 */
export async function readTopic(
  kafka: KafkaConfig,
  topic: string,
  log: Logger,
  onRecord: (record: StreamRecord<unknown>) => void | Promise<void>,
  { from, signal, onProgress }: ReadOptions = {},
): Promise<void> {
  const client = createKafkaClient(kafka, log)
  const admin = await KafkaAdmin.connect(client)
  const ranges = await admin.ranges(topic).finally(() => admin.close())
  /** The next offset to read, of partitions that are not read to their end. */
  const unread = new Map(
    [...ranges].flatMap(([partition, range]) => {
      const start = Math.max(range.start, from ? (from.get(partition) ?? range.end) : range.start)
      return start < range.end ? [[partition, start] as const] : []
    }),
  )
  if (unread.size === 0 || signal?.aborted) return
  const left = () =>
    [...unread].reduce((sum, [partition, next]) => sum + ranges.get(partition)!.end - next, 0)
  const total = left()
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>()
  const reached = (partition: number, nextOffset: number) => {
    if (nextOffset >= ranges.get(partition)!.end) unread.delete(partition)
    else if (unread.has(partition)) unread.set(partition, nextOffset)
    onProgress?.(total - left(), total)
    if (unread.size === 0) resolve()
  }
  const read = async ({ partition, messages, nextOffset }: FetchedBatch) => {
    const { end } = ranges.get(partition)!
    for (const message of messages) {
      if (signal?.aborted) return
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
      assigned(partitions) {
        if (!from) return
        for (const { partition } of partitions)
          group.seek(topic, partition, unread.get(partition) ?? ranges.get(partition)!.end)
      },
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
  const stop = () => resolve()
  signal?.addEventListener('abort', stop)
  await group.start()
  try {
    await finished
    await reading
  } finally {
    signal?.removeEventListener('abort', stop)
    await group.stop()
  }
}
