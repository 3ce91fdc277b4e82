import type { CommittedOffset } from './admin.ts'
import type { KafkaClient } from './client.ts'
import { kafkaError } from './errors.ts'

/** Offsets to commit, by topic and partition. */
type GroupOffsets = ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>

/**
 * Commits offsets, all or none, for a group that has no members; they are visible when this resolves. kafkajs can do so
 * only by joining the group, and without metadata: a transaction without records can do both. Throws RetryableError.
 */
export async function commitGroupOffsets(
  client: KafkaClient,
  groupId: string,
  offsets: GroupOffsets,
): Promise<void> {
  const id = `${groupId}-offsets`
  const producer = client.producer({ transactionalId: id, maxInFlightRequests: 1 })
  try {
    await producer.connect()
    const transaction = await producer.transaction()
    await transaction.sendOffsets({
      consumerGroupId: groupId,
      topics: [...offsets].map(([topic, partitions]) => ({
        topic,
        partitions: [...partitions].map(([partition, { offset, metadata }]) => ({
          partition,
          offset: String(offset),
          metadata,
        })),
      })),
    })
    await transaction.commit()
  } catch (error) {
    throw kafkaError(error, `committing offsets of group ${groupId}`)
  } finally {
    await producer.disconnect().catch(() => undefined)
  }
  await settleTransactions(client, [id])
}

/**
 * Waits until all that was committed under these transactional ids is visible: a commit returns before its end is
 * written everywhere, but an id is given to its next owner only after. Former owners are fenced. Throws RetryableError.
 */
export async function settleTransactions(client: KafkaClient, ids: readonly string[]): Promise<void> {
  for (const transactionalId of ids) {
    const producer = client.producer({ transactionalId, maxInFlightRequests: 1 })
    try {
      await producer.connect()
      await producer.transaction()
    } catch (error) {
      throw kafkaError(error, `opening the transactions of ${transactionalId}`)
    } finally {
      await producer.disconnect().catch(() => undefined)
    }
  }
}
