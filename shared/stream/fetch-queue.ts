import type { ConsumerGroup, FetchedBatch } from '../kafka/consumer-group.ts'
import type { TopicPartition } from './task.ts'

interface Queued {
  readonly batch: FetchedBatch
  /** Counted once: it takes a look at each record. */
  readonly bytes: number
}

/**
 * What was fetched of one partition and has not been taken yet. When it grows beyond `maxBytes` the partition's
 * fetching pauses until half of it has been taken.
 */
export class FetchQueue {
  readonly #group: Pick<ConsumerGroup, 'seek' | 'pause' | 'resume'>
  readonly #place: TopicPartition
  readonly #maxBytes: number
  #batches: Queued[] = []
  #bytes = 0
  #paused = false
  /** Where the next fetch goes on; undefined while nothing is wanted. */
  #next: number | undefined
  #wake: (() => void) | undefined

  constructor(
    group: Pick<ConsumerGroup, 'seek' | 'pause' | 'resume'>,
    place: TopicPartition,
    maxBytes: number,
  ) {
    this.#group = group
    this.#place = place
    this.#maxBytes = maxBytes
  }

  get length(): number {
    return this.#batches.length
  }

  /** The batch that `take` gives next. */
  get first(): FetchedBatch | undefined {
    return this.#batches[0]?.batch
  }

  /** Forgets what is queued and fetches from `offset` on. */
  open(offset: number): void {
    this.#batches = []
    this.#bytes = 0
    this.#next = offset
    this.resumeFetching()
  }

  /** Forgets what is queued and fetches no more. */
  close(): void {
    this.#batches = []
    this.#bytes = 0
    this.#next = undefined
    this.#group.pause(this.#place.topic, this.#place.partition)
  }

  /** After a rebalance in which the partition stayed here, fetching goes on behind what is queued. */
  resumeFetching(): void {
    const { topic, partition } = this.#place
    if (this.#next === undefined) {
      this.#group.pause(topic, partition)
      return
    }
    this.#group.seek(topic, partition, this.#next)
    this.#group.resume(topic, partition)
    this.#paused = false
  }

  /** Takes over what a fetch brought. Never waits. */
  offer(batch: FetchedBatch): void {
    if (this.#next === undefined) return
    const bytes = sizeOf(batch)
    this.#batches.push({ batch, bytes })
    this.#next = batch.nextOffset
    this.#bytes += bytes
    if (this.#bytes > this.#maxBytes && !this.#paused) {
      this.#paused = true
      this.#group.pause(this.#place.topic, this.#place.partition)
    }
    this.wake()
  }

  /** Offsets without visible records: they count as read once all before them are, so they wait their turn. */
  skip(nextOffset: number): void {
    this.offer({
      ...this.#place,
      fetchedOffset: nextOffset,
      nextOffset,
      highWatermark: nextOffset,
      messages: [],
    })
  }

  take(): FetchedBatch | undefined {
    const next = this.#batches.shift()
    if (!next) return undefined
    this.#bytes -= next.bytes
    if (this.#paused && this.#bytes < this.#maxBytes / 2) {
      this.#paused = false
      this.#group.resume(this.#place.topic, this.#place.partition)
    }
    return next.batch
  }

  /** Until something is queued, `wake` is called, or `timeoutMs` have passed, if a time is given. */
  async wait(timeoutMs?: number): Promise<void> {
    if (this.#batches.length > 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs)
    this.#wake = resolve
    await promise
    clearTimeout(timer)
    this.#wake = undefined
  }

  wake(): void {
    this.#wake?.()
  }
}

const sizeOf = (batch: FetchedBatch) =>
  batch.messages.reduce((bytes, { valueBytes }) => bytes + valueBytes + 64, 0)
