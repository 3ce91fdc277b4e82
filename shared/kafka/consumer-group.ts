import { ConfigurationError, RefusedError } from '../errors.ts'
import type { Logger } from '../observability/logger.ts'
import type { KafkaClient } from './client.ts'
import { kafkaError } from './errors.ts'
import type { Batch, Consumer } from './kafkajs.ts'
import { Lease } from './lease.ts'
import { generationOf, joinAs } from './membership.ts'
import type { FetchedMessage } from './record-batch.ts'
import type { Ownership } from './sticky-assignment.ts'
import { stickyAssignor } from './sticky-assignor.ts'

export type { FetchedMessage } from './record-batch.ts'

/** What one fetch brought of one partition: never empty. Offsets may have gaps where transactions ended or records were aborted. */
export interface FetchedBatch {
  readonly topic: string
  readonly partition: number
  readonly fetchedOffset: number
  readonly nextOffset: number
  /** The end of the partition when it was fetched. */
  readonly highWatermark: number
  readonly messages: readonly FetchedMessage[]
}

/** All calls are made between two fetches and must return at once. */
export interface GroupListener {
  /**
   * The whole new assignment, after each rebalance. Partitions not among them belong to someone else from now on. As a
   * new member the worker may have been out of the group for a while, and those among them another's meanwhile.
   */
  assigned(
    partitions: readonly { readonly topic: string; readonly partition: number }[],
    membership: { readonly isNew: boolean },
  ): void
  fetched(batch: FetchedBatch): void
  /** The offsets before `nextOffset` hold nothing for a reader: ends of transactions, or aborted records. */
  skipped(topic: string, partition: number, nextOffset: number): void
  /** The group is being rebalanced, or the cluster can't be reached: nothing comes until `assigned` is called again. */
  interrupted(reason: string): void
  /** The membership has ended for good. */
  failed(error: ConfigurationError): void
}

interface ConsumerGroupOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  /** Of a topic, another one that is read with it: each partition of it is assigned where that of the first goes. */
  readonly companions?: ReadonlyMap<string, string>
  /** Makes this a static member, known by this name. */
  readonly instanceId?: string | undefined
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly fromBeginning: boolean
  /** How soon, at the latest, added partitions are noticed. */
  readonly metadataMaxAgeMs: number
  /** How long to wait after the cluster has refused something. */
  readonly refusedBackoffMs: number
}

/** Before the group is joined again after any other error. */
const restartBackoffMs = 5_000

/** Long enough that an idle worker costs little, short enough that a resumed partition is fetched soon. */
const maxWaitMs = 250

/**
 * Of a fetch, packed. All that it brings is unpacked and decoded at once, into several times as much: of 4 MB the garbage
 * collector had a fifth more work with each record than of this.
 */
const maxBytesPerPartition = 512 * 1024

/**
 * Membership in a consumer group. It only reads: where a partition starts is said by `seek`, and committing is for
 * the transactions. Batches are handed over at once, so that kafkajs' loop always comes round to its heartbeats.
 */
export class ConsumerGroup {
  readonly #consumer: Consumer
  readonly #options: ConsumerGroupOptions
  readonly #listener: GroupListener
  readonly #log: Logger
  readonly #lease: Lease
  #running = false
  #rejoining: Promise<void> | undefined
  #owned: Ownership = new Map()
  #memberId = ''

  constructor(client: KafkaClient, options: ConsumerGroupOptions, listener: GroupListener, log: Logger) {
    this.#options = options
    this.#listener = listener
    this.#log = log
    if (options.instanceId) joinAs(options.groupId, options.instanceId)
    this.#lease = new Lease(options.sessionTimeoutMs)
    this.#consumer = client.consumer({
      groupId: options.groupId,
      partitionAssigners: [
        stickyAssignor({
          companions: options.companions ?? new Map(),
          claim: () => ({ generation: generationOf(options.groupId), owned: this.#owned }),
        }),
      ],
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatIntervalMs,
      rebalanceTimeout: 30_000,
      maxWaitTimeInMs: maxWaitMs,
      maxBytesPerPartition,
      readUncommitted: false,
      allowAutoTopicCreation: false,
      metadataMaxAge: options.metadataMaxAgeMs,
      retry: {
        initialRetryTime: 100,
        multiplier: 2,
        maxRetryTime: 5_000,
        retries: 8,
        restartOnFailure: async () => this.#running,
      },
    })
    this.#observe()
  }

  /** Joins the group. Throws RetryableError when the cluster can't be reached. */
  async start(): Promise<void> {
    try {
      await this.#consumer.connect()
      await this.#consumer.subscribe({
        topics: [...this.#options.topics, ...(this.#options.companions?.values() ?? [])],
        fromBeginning: this.#options.fromBeginning,
      })
      this.#running = true
      await this.#run()
    } catch (error) {
      throw kafkaError(error, `joining the group ${this.#options.groupId}`)
    }
  }

  /** Where the next fetch of the partition starts; batches from before are thrown away. */
  seek(topic: string, partition: number, offset: number): void {
    this.#asMember(() => this.#consumer.seek({ topic, partition, offset: String(offset) }))
  }

  pause(topic: string, partition: number): void {
    this.#asMember(() => this.#consumer.pause([{ topic, partitions: [partition] }]))
  }

  resume(topic: string, partition: number): void {
    this.#asMember(() => this.#consumer.resume([{ topic, partitions: [partition] }]))
  }

  /** Undefined while the partitions surely are this worker's; else resolves when the group has heard of it again. */
  lapse(): Promise<void> | undefined {
    return this.#lease.lapse()
  }

  /** Leaves the group and joins it again, as a member that was fenced must; several calls at a time are one. */
  rejoin(): Promise<void> {
    this.#rejoining ??= (async () => {
      await this.#consumer.stop()
      if (this.#running) await this.#run()
    })().finally(() => {
      this.#rejoining = undefined
    })
    return this.#rejoining
  }

  async stop(): Promise<void> {
    this.#running = false
    await this.#consumer.disconnect()
  }

  /**
   * While kafkajs starts anew after a failure it has no membership to act on. Nothing is lost then: it fetches nothing
   * before `assigned` is called again, and whoever owns a partition says there where it starts.
   */
  #asMember(act: () => void): void {
    try {
      act()
    } catch (error) {
      if ((error as Error).name !== 'KafkaJSNonRetriableError') throw error
    }
  }

  async #run(): Promise<void> {
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch, isStale }) => {
        if (!isStale()) this.#listener.fetched(fetchedBatch(batch))
      },
    })
  }

  #observe(): void {
    const { events, on } = this.#consumer
    on(events.GROUP_JOIN, ({ payload }) => {
      this.#owned = new Map(Object.entries(payload.memberAssignment))
      const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => ({ topic, partition })),
      )
      this.#log.info(
        { group: payload.groupId, partitions: assigned.length, tookMs: payload.duration },
        'joined the group',
      )
      const isNew = payload.memberId !== this.#memberId
      this.#memberId = payload.memberId
      this.#listener.assigned(assigned, { isNew })
      this.#lease.renew()
    })
    // Both are followed by the event that tells that the answer was good.
    on(events.REQUEST, ({ payload: { apiName, sentAt } }) => {
      if (apiName === 'Heartbeat' || apiName === 'SyncGroup') this.#lease.answered(sentAt)
    })
    on(events.HEARTBEAT, () => this.#lease.renew())
    // kafkajs passes over a fetch without visible records by itself, and tells so only in this event.
    on(events.START_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
      if (batchSize === 0) this.#listener.skipped(topic, partition, Number(lastOffset) + 1)
    })
    on(events.REBALANCING, () => this.#listener.interrupted('the consumer group is rebalancing'))
    on(events.CRASH, ({ payload }) => {
      const error = kafkaError(payload.error, `reading as a member of ${this.#options.groupId}`)
      this.#listener.interrupted(error.message)
      this.#log.warn({ group: this.#options.groupId }, `${error.message}; joining the group again`)
      if (error.message.includes('FENCED_INSTANCE_ID')) {
        this.#running = false
        this.#listener.failed(this.#replaced())
      }
      if (!payload.restart && this.#running) this.#restart(error)
    })
  }

  #replaced(): ConfigurationError {
    const { groupId, instanceId } = this.#options
    return new ConfigurationError(
      `Another worker has joined the group ${groupId} as "${instanceId}" and replaced this one: give each worker a worker.instanceId of its own.`,
    )
  }

  /** After an error that kafkajs takes for final. */
  #restart(error: Error): void {
    setTimeout(
      () => {
        if (this.#running) {
          this.start().catch((error: Error) => {
            this.#listener.interrupted(error.message)
            this.#log.warn({ group: this.#options.groupId }, `${error.message}; trying again`)
            this.#restart(error)
          })
        }
      },
      error instanceof RefusedError ? this.#options.refusedBackoffMs : restartBackoffMs,
    ).unref()
  }
}

function fetchedBatch(batch: Batch): FetchedBatch {
  return {
    topic: batch.topic,
    partition: batch.partition,
    fetchedOffset: Number((batch as Batch & { readonly fetchedOffset: string }).fetchedOffset),
    nextOffset: Number(batch.lastOffset()) + 1,
    highWatermark: Number(batch.highWatermark),
    // As the faster decoder makes them, of which kafkajs' types know nothing.
    messages: batch.messages as unknown as readonly FetchedMessage[],
  }
}
