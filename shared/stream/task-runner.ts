import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { BadRecordError, FencedError, LapsedError, RetryableError } from '../errors.ts'
import type { FetchedBatch, KafkaMessage } from '../kafka/consumer-group.ts'
import { Backoff } from './backoff.ts'
import { decodeCommitMetadata, encodeCommitMetadata } from './commit-metadata.ts'
import { discarded, type OutputBuffer } from './output-buffer.ts'
import { streamRecord } from './stream-record.ts'
import type { ResumePoint, StreamRecord, Task, TopicPartition } from './task.ts'
import type { WorkerContext } from './worker-context.ts'

/** One call of a task takes no more than this, so that heartbeats and other partitions get their turn. */
const maxSliceBytes = 1024 * 1024

/** How often the broker is asked whether a quiet partition has really been read to its end. */
const quietCheckMs = 1_000

/** Outputs waiting for a commit beyond this size are committed at once. */
const maxPendingBytes = 8 * 1024 * 1024

/**
 * Runs the task of one partition: opens its transactions, finds where it was, feeds it the log, and commits what comes
 * of it. After any failure it begins again from what was committed last, which is always right and the only way back.
 */
export class TaskRunner {
  readonly #context: WorkerContext
  readonly #place: TopicPartition
  readonly #closing = new AbortController()
  readonly #backoff: Backoff
  #queue: FetchedBatch[] = []
  #queuedBytes = 0
  #paused = false
  #wake: (() => void) | undefined
  #producer: Awaited<ReturnType<WorkerContext['openTransactions']>> | undefined
  #task: Task<unknown> | undefined
  #output: OutputBuffer
  /** The offset after the last one processed; undefined until it is known. */
  #position: number | undefined
  #resume: ResumePoint = { offset: 0, memo: '' }
  /** Outputs of records before this offset were committed: while position is behind it, they are discarded. */
  #emitted = 0
  #committedPosition = -1
  /** The end of the partition when it was last fetched. */
  #highWatermark = 0
  #committedAt = 0
  #lastRecordAt = 0
  #quietHandled = false
  #quietCheckedAt = 0
  #finished: Promise<void> | undefined

  constructor(context: WorkerContext, place: TopicPartition) {
    this.#context = context
    this.#place = place
    this.#backoff = new Backoff(context.config.retryBackoffMs, context.config.maxRetryBackoffMs)
    this.#output = context.newOutput(place)
  }

  start(): void {
    this.#finished = this.#run()
  }

  /** Ends the task; with `commit`, what it has done so far is committed first. Resolves when its transactions are closed. */
  async close(options: { readonly commit: boolean }): Promise<void> {
    this.#closing.abort(options)
    this.#wake?.()
    await this.#finished
  }

  /** Takes over what a fetch brought. Never waits: when too much is queued the partition is paused. */
  offer(batch: FetchedBatch): void {
    if (this.#position === undefined) return
    this.#queue.push(batch)
    this.#queuedBytes += sizeOf(batch)
    if (this.#queuedBytes > this.#context.config.maxQueuedBytes && !this.#paused) {
      this.#paused = true
      this.#context.group.pause(this.#place.topic, this.#place.partition)
    }
    this.#wake?.()
  }

  /** Offsets without visible records: they count as processed once all before them are, so they wait their turn. */
  skip(nextOffset: number): void {
    if (this.#position === undefined) return
    this.#queue.push({
      ...this.#place,
      fetchedOffset: nextOffset,
      nextOffset,
      highWatermark: nextOffset,
      messages: [],
    })
    this.#wake?.()
  }

  /** After a rebalance in which this partition stayed here, fetching goes on behind what is queued already. */
  resumeFetching(): void {
    if (this.#position === undefined) return
    this.#seek(this.#queue.at(-1)?.nextOffset ?? this.#position)
  }

  async #run(): Promise<void> {
    const { topic, partition } = this.#place
    while (!this.#closing.signal.aborted) {
      try {
        await this.#open()
        await this.#work()
      } catch (error) {
        if (this.#closing.signal.aborted) break
        await this.#recover(error as Error)
      } finally {
        this.#position = undefined
        this.#queue = []
        this.#queuedBytes = 0
        await this.#producer?.close()
        this.#producer = undefined
      }
    }
    this.#context.health.setReady(`${topic}-${partition}`)
    this.#context.metrics.lag.remove({ topic, partition })
  }

  /**
   * First the transactional id is taken over, which ends the transaction of a previous owner; only then is what it
   * committed to be seen. Only after that does the partition's fetching start, where the commit says.
   */
  async #open(): Promise<void> {
    const context = this.#context
    const { topic, partition } = this.#place
    this.#producer = await context.openTransactions(`${context.groupId}-${topic}-${partition}`)
    const committed = await context.admin.committed(context.groupId, topic, partition)
    const metadata = committed && decodeCommitMetadata(committed.metadata)
    if (committed && !metadata) {
      context.log.error(
        { topic, partition, offset: committed.offset },
        'the committed offset carries no metadata of Tidemark: starting there without state',
      )
    }
    const range = (await context.admin.ranges(topic)).get(partition)
    const first = context.config.startFrom === 'latest' ? range?.end : range?.start
    let position = committed?.offset ?? first ?? 0
    if (range && position < range.start) {
      context.log.error(
        { topic, partition, from: position, to: range.start },
        'records were deleted by retention before they were read',
      )
      position = range.start
    }
    this.#output = context.newOutput(this.#place)
    this.#task = context.createTask(this.#place, metadata?.memo)
    this.#emitted = metadata?.emitted ?? position
    this.#resume = { offset: position, memo: metadata?.memo ?? '' }
    this.#committedPosition = Math.max(position, this.#emitted)
    this.#committedAt = context.now()
    this.#lastRecordAt = context.now()
    this.#quietHandled = false
    this.#position = position
    this.#highWatermark = position
    this.#seek(position)
    context.health.setReady(`${topic}-${partition}`)
    context.log.info({ topic, partition, position, emitted: this.#emitted }, 'task started')
  }

  #seek(offset: number): void {
    const { topic, partition } = this.#place
    this.#context.group.seek(topic, partition, offset)
    this.#context.group.resume(topic, partition)
    this.#paused = false
  }

  async #work(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const batch = this.#queue.shift()
      if (batch) {
        await this.#process(batch)
        this.#queuedBytes -= sizeOf(batch)
        if (this.#paused && this.#queuedBytes < this.#context.config.maxQueuedBytes / 2) {
          this.#paused = false
          this.#context.group.resume(this.#place.topic, this.#place.partition)
        }
      } else {
        await this.#waitForRecords()
        await this.#beQuiet()
      }
      await this.#commitWhenDue()
    }
    if ((this.#closing.signal.reason as { readonly commit: boolean }).commit) await this.#commit()
  }

  /** Until a batch comes or a commit is due. */
  async #waitForRecords(): Promise<void> {
    if (this.#queue.length > 0 || this.#closing.signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, this.#context.config.commitIntervalMs)
    this.#wake = resolve
    await promise
    clearTimeout(timer)
    this.#wake = undefined
  }

  async #process(batch: FetchedBatch): Promise<void> {
    const metrics = this.#context.metrics
    for (const messages of this.#slices(batch)) {
      if (this.#closing.signal.aborted) return
      const replaying = Number(messages[0]!.offset) < this.#emitted
      const records = await this.#decode(messages, replaying)
      if (records.length > 0) await this.#processRecords(records, replaying)
      this.#position = Number(messages.at(-1)!.offset) + 1
      metrics.recordsIn.inc({ topic: this.#place.topic }, messages.length)
      await this.#commitWhenDue()
      await yieldToEventLoop()
    }
    this.#position = Math.max(this.#position ?? 0, batch.nextOffset)
    this.#highWatermark = Math.max(this.#highWatermark, batch.highWatermark)
    metrics.lag.set({ ...this.#place }, this.#highWatermark - this.#position)
    if (batch.messages.length === 0) return
    this.#lastRecordAt = this.#context.now()
    this.#quietHandled = false
  }

  /** Cuts a batch where the replayed part of the log ends, and by number and size. */
  *#slices({ messages }: FetchedBatch): Generator<readonly KafkaMessage[]> {
    let slice: KafkaMessage[] = []
    let bytes = 0
    for (const message of messages) {
      const offset = Number(message.offset)
      if (offset < this.#position!) continue
      const full = slice.length >= this.#context.config.maxBatchRecords || bytes > maxSliceBytes
      if (slice.length > 0 && (full || offset === this.#emitted || crosses(slice, offset, this.#emitted))) {
        yield slice
        slice = []
        bytes = 0
      }
      slice.push(message)
      bytes += message.value?.length ?? 0
    }
    if (slice.length > 0) yield slice
  }

  async #decode(
    messages: readonly KafkaMessage[],
    replaying: boolean,
  ): Promise<readonly StreamRecord<unknown>[]> {
    const { decoder } = this.#context
    const records: StreamRecord<unknown>[] = []
    for (const message of messages) {
      const record = streamRecord(this.#place, message)
      try {
        if (!decoder.isReady(record)) await this.#retrying(() => decoder.prepare(record))
        records.push({ ...record, value: decoder.decode(record) })
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error
        if (!replaying) this.#output.reject(record, error.reason, error.message)
      }
    }
    return records
  }

  async #processRecords(records: readonly StreamRecord<unknown>[], replaying: boolean): Promise<void> {
    const output = replaying ? discarded : this.#output
    const before = this.#output.length
    await this.#retrying(() => {
      const lapse = this.#task!.writesOutside && this.#context.group.lapse()
      if (lapse) return this.#startAgainAfter(lapse)
      this.#output.truncate(before)
      return this.#task!.process(records, output, this.#closing.signal)
    })
  }

  /**
   * A worker that stood still does not know whether its partition was another's since, who has written on: what it has
   * in hand may be old. It waits until the group has heard of it, and begins again where the commit says.
   */
  async #startAgainAfter(lapse: Promise<void>): Promise<never> {
    const { signal } = this.#closing
    const closed = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => closed.resolve(), { once: true })
    if (!signal.aborted) await Promise.race([lapse, closed.promise])
    throw new LapsedError(`the group ${this.#context.groupId} has not heard of this worker for too long`)
  }

  /** Tries until it works or the task is closed, while a server is away. */
  async #retrying(attempt: () => void | Promise<void>): Promise<void> {
    const key = `${this.#place.topic}-${this.#place.partition}`
    for (;;) {
      try {
        const pending = attempt()
        if (pending) await pending
        this.#backoff.reset()
        this.#context.health.setReady(key)
        return
      } catch (error) {
        if (!(error instanceof RetryableError) || this.#closing.signal.aborted) throw error
        this.#context.health.setNotReady(key, `${error.server} can't be used: ${error.message}`)
        this.#context.log.warn({ ...this.#place, server: error.server }, `${error.message}; trying again`)
        await this.#backoff.wait(this.#closing.signal)
        if (this.#closing.signal.aborted) throw error
      }
    }
  }

  async #commitWhenDue(): Promise<void> {
    const due = this.#context.now() - this.#committedAt >= this.#context.config.commitIntervalMs
    if (due || this.#output.bytes > maxPendingBytes) await this.#commit()
  }

  async #commit(): Promise<void> {
    const position = this.#position!
    if (position >= this.#emitted) this.#task!.beforeCommit?.(this.#output)
    const unchanged = position <= this.#committedPosition && this.#output.length === 0
    this.#committedAt = this.#context.now()
    // While the log is read again the old commit stays: it is what a restart needs.
    if (unchanged || position < this.#emitted) return
    const task = this.#task!
    this.#resume = task.resumePoint ? (task.resumePoint() ?? this.#resume) : { offset: position, memo: '' }
    const started = performance.now()
    const records = this.#output.take()
    await this.#producer!.commit({
      ...this.#place,
      groupId: this.#context.groupId,
      records,
      offset: this.#resume.offset,
      metadata: encodeCommitMetadata({ emitted: position, memo: this.#resume.memo }),
    })
    this.#emitted = position
    this.#committedPosition = position
    this.#backoff.reset()
    const { metrics } = this.#context
    metrics.commitSeconds.observe((performance.now() - started) / 1000)
    for (const record of records) metrics.recordsOut.inc({ topic: record.topic })
  }

  /** Event time goes on in a quiet partition, but only when the broker confirms that there is nothing left to read. */
  async #beQuiet(): Promise<void> {
    const context = this.#context
    const task = this.#task!
    if (!task.quiet || this.#quietHandled || this.#queue.length > 0 || this.#position! < this.#emitted) return
    const now = context.now()
    if (now - this.#lastRecordAt < task.quiet.afterMs || now - this.#quietCheckedAt < quietCheckMs) return
    this.#quietCheckedAt = now
    const range = (await context.admin.ranges(this.#place.topic)).get(this.#place.partition)
    if (!range || range.end > this.#position! || this.#queue.length > 0) return
    task.quiet.act(this.#output)
    this.#quietHandled = true
  }

  async #recover(error: Error): Promise<void> {
    const key = `${this.#place.topic}-${this.#place.partition}`
    if (error instanceof FencedError) {
      this.#context.log.warn(
        { ...this.#place },
        `${error.message}: another worker took over, rejoining the group`,
      )
      // Opening the transactions again here would fence the rightful owner: only a new assignment may do that.
      this.#closing.abort({ commit: false })
      this.#context.onFenced(this.#place)
      return
    }
    if (error instanceof RetryableError || error instanceof LapsedError) {
      this.#context.health.setNotReady(key, error.message)
      this.#context.log.warn({ ...this.#place }, `${error.message}; starting the task again`)
    } else {
      this.#context.onBug(error)
    }
    this.#context.metrics.restarts.inc()
    await this.#backoff.wait(this.#closing.signal)
  }
}

const sizeOf = (batch: FetchedBatch) =>
  batch.messages.reduce((bytes, { value }) => bytes + (value?.length ?? 0) + 64, 0)

/** Whether the boundary lies between the slice and the next offset. */
const crosses = (slice: readonly KafkaMessage[], offset: number, boundary: number) =>
  Number(slice[0]!.offset) < boundary && offset >= boundary
