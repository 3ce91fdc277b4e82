import { createKafkaClient } from '../../shared/kafka/client.ts'
import type { KafkaConfig } from '../../shared/kafka/config.ts'
import { TransactionalProducer } from '../../shared/kafka/transactional-producer.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import { encodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'

/** Offsets by topic and partition. */
export type Offsets = ReadonlyMap<string, ReadonlyMap<number, number>>

/** Commits offsets for a group that has no members yet; all of it is visible when this resolves. */
export async function commitOffsets(
  kafka: KafkaConfig,
  groupId: string,
  offsets: Offsets,
  log: Logger,
): Promise<void> {
  const id = `${groupId}-start`
  const producer = await TransactionalProducer.open(createKafkaClient(kafka, log), id)
  try {
    for (const [topic, partitions] of offsets) {
      for (const [partition, offset] of partitions) {
        const metadata = encodeCommitMetadata({ emitted: offset, memo: '' })
        await producer.commit({ groupId, topic, partition, offset, metadata, records: [] })
      }
    }
  } finally {
    await producer.close()
  }
  await settle(kafka, [id], log)
}

/** Waits until everything that was committed under these transactional ids is visible. Their owners are fenced. */
export async function settle(kafka: KafkaConfig, ids: readonly string[], log: Logger): Promise<void> {
  const client = createKafkaClient(kafka, log)
  await Promise.all(ids.map(async (id) => (await TransactionalProducer.open(client, id)).close()))
}

/** Adds up what `value` says of each partition. */
export function sumOver(
  offsets: Offsets,
  value: (offset: number, topic: string, partition: number) => number,
): number {
  let sum = 0
  for (const [topic, partitions] of offsets)
    for (const [partition, offset] of partitions) sum += value(offset, topic, partition)
  return sum
}
