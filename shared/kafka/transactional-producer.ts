import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaClient } from './client.ts'
import { kafkaError } from './errors.ts'
import kafkajs, { type Producer, type Transaction } from './kafkajs.ts'

/** A record on its way out, encoded. */
export interface OutgoingRecord {
  readonly topic: string
  readonly partition: number
  readonly key: Buffer | null
  /** null removes the key from a compacted topic. */
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, Buffer>>
}

/** What one transaction makes visible, all of it or nothing. */
export interface Commit {
  readonly records: readonly OutgoingRecord[]
  readonly groupId: string
  readonly topic: string
  readonly partition: number
  /** The next offset that a reader of this group starts from. */
  readonly offset: number
  readonly metadata: string
}

/** Of one record batch before compression; brokers refuse batches over `message.max.bytes`, 1 MiB by default. */
const maxBatchBytes = 900_000

/**
 * The transactions of one input partition. The transactional id belongs to the partition, not to the process: opening
 * it ends what a previous owner had begun, and fences that owner.
 */
export class TransactionalProducer {
  readonly #producer: Producer
  readonly #id: string
  #next: Transaction | undefined

  private constructor(producer: Producer, id: string, first: Transaction) {
    this.#producer = producer
    this.#id = id
    this.#next = first
  }

  /** Waits for the end of a transaction that is still open under this id. Throws RetryableError. */
  static async open(client: KafkaClient, transactionalId: string): Promise<TransactionalProducer> {
    const producer = client.producer({
      transactionalId,
      maxInFlightRequests: 1,
      transactionTimeout: 30_000,
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 10, multiplier: 2, maxRetryTime: 500, retries: 8 },
    })
    try {
      await producer.connect()
      // kafkajs initializes a transactional id with its first transaction; nothing is sent for it yet.
      return new TransactionalProducer(producer, transactionalId, await producer.transaction())
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw kafkaError(error, `opening the transactions of ${transactionalId}`)
    }
  }

  /**
   * Has the group's coordinator write an offset of this partition that is given up at once, and waits until it is
   * written. A coordinator tells what it knows to be replicated, and after a crash of its broker learns that anew: with
   * this write at the latest (KAFKA-15910), so what it tells of the group's offsets afterwards is the newest. Throws as
   * `commit` does.
   */
  async writeBarrier({
    groupId,
    topic,
    partition,
  }: Pick<Commit, 'groupId' | 'topic' | 'partition'>): Promise<void> {
    try {
      const transaction = this.#next ?? (await this.#producer.transaction())
      this.#next = undefined
      await whenFree(() =>
        transaction.sendOffsets({
          consumerGroupId: groupId,
          topics: [{ topic, partitions: [{ partition, offset: '0' }] }],
        }),
      )
      await transaction.abort()
    } catch (error) {
      throw kafkaError(error, `opening the transactions of ${this.#id}`)
    }
  }

  /** Throws FencedError when another owner has taken over, RetryableError when the outcome is unknown or nothing was committed. */
  async commit(commit: Commit): Promise<void> {
    try {
      const transaction = this.#next ?? (await this.#producer.transaction())
      this.#next = undefined
      for (const topicMessages of batches(commit.records)) {
        await transaction.sendBatch({ topicMessages, acks: -1, compression: kafkajs.CompressionTypes.ZSTD })
      }
      const partition = {
        partition: commit.partition,
        offset: String(commit.offset),
        metadata: commit.metadata,
      }
      await whenFree(() =>
        transaction.sendOffsets({
          consumerGroupId: commit.groupId,
          topics: [{ topic: commit.topic, partitions: [partition] }],
        }),
      )
      await transaction.commit()
    } catch (error) {
      throw kafkaError(error, `commit of ${this.#id}`)
    }
  }

  /** An open transaction is left to the next owner, who aborts it on opening: this may be called after any failure. */
  async close(): Promise<void> {
    await this.#producer.disconnect().catch(() => undefined)
  }
}

/** The coordinator refuses a request while it still writes what an earlier one has changed: some milliseconds. kafkajs tries only some of them again. */
async function whenFree(request: () => Promise<void>): Promise<void> {
  for (let waitMs = 2; ; waitMs *= 2) {
    try {
      return await request()
    } catch (error) {
      if ((error as { readonly type?: string }).type !== 'CONCURRENT_TRANSACTIONS' || waitMs > 1_000)
        throw error
      await delay(waitMs)
    }
  }
}

interface TopicMessages {
  topic: string
  messages: {
    partition: number
    key: Buffer | null
    value: Buffer | null
    headers?: Record<string, Buffer>
  }[]
}

/** Cuts the records, in order, into requests in which no partition gets more than `maxBatchBytes`, unless one record alone is larger. */
export function* batches(records: readonly OutgoingRecord[]): Generator<TopicMessages[]> {
  let byTopic = new Map<string, TopicMessages>()
  let sizes = new Map<string, number>()
  for (const { topic, partition, key, value, headers } of records) {
    const place = `${topic}/${partition}`
    const bytes = (key?.length ?? 0) + (value?.length ?? 0) + 32
    const size = sizes.get(place) ?? 0
    if (size > 0 && size + bytes > maxBatchBytes) {
      yield [...byTopic.values()]
      byTopic = new Map()
      sizes = new Map()
    }
    sizes.set(place, (sizes.get(place) ?? 0) + bytes)
    let entry = byTopic.get(topic)
    if (!entry) {
      entry = { topic, messages: [] }
      byTopic.set(topic, entry)
    }
    entry.messages.push({ partition, key, value, ...(headers && { headers }) })
  }
  if (byTopic.size > 0) yield [...byTopic.values()]
}
