import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { BadRecordError, FencedError, RetryableError } from '../errors.ts'
import type { FetchedBatch, KafkaMessage } from '../kafka/consumer-group.ts'
import { Backoff } from './backoff.ts'
import { encodeCommitMetadata } from './commit-metadata.ts'
import { FetchQueue } from './fetch-queue.ts'
import type { Progress } from './lag.ts'
import { discarded, type OutputBuffer } from './output-buffer.ts'
import { slices } from './slices.ts'
import { startPoint } from './start-point.ts'
import { restoreState, sizeOfEntry } from './state-restore.ts'
import { streamRecord } from './stream-record.ts'
import type { ResumePoint, StreamRecord, Task, TopicPartition } from './task.ts'
import type { WorkerContext } from './worker-context.ts'

/** How often the broker is asked whether a quiet partition has really been read to its end. */
const quietCheckMs = 1_000

/** A task that has not been at the end of its partition for so long works off a backlog. */
const backlogAfterMs = 1_000

/** Outputs waiting for a commit beyond this size are committed at once. */
const maxPendingBytes = 8 * 1024 * 1024

/**
 * Runs the task of one partition: opens its transactions, finds where it was, gives it its long state back, feeds it
 * the log, and commits what comes of it. After any failure it begins again from what was committed last, which is
 * always right and the only way back.
 */
export class TaskRunner {
  readonly #context: WorkerContext
  readonly #place: TopicPartition
  readonly #state: TopicPartition | undefined
  readonly #closing = new AbortController()
  readonly #retryBackoff: Backoff
  /** Between two lives of the task: only a commit says that the cause of the last end is gone. */
  readonly #restartBackoff: Backoff
  readonly #input: FetchQueue
  readonly #entries: FetchQueue | undefined
  #producer: Awaited<ReturnType<WorkerContext['openTransactions']>> | undefined
  #task: Task<unknown> | undefined
  #output: OutputBuffer
  /** The offset after the last one processed; undefined until it is known. */
  #position: number | undefined
  #resume: ResumePoint = { offset: 0, memo: '' }
  /** Outputs of records before this offset were committed: while position is behind it, they are discarded. */
  #emitted = 0
  #committedPosition = -1
  /** Whether the task may have something to commit. */
  #touched = false
  #committedAt = 0
  /** When there was something to show in a commit the last time. */
  #shownAt = 0
  #openedAt = 0
  /** The first message of the slice that the task has now. */
  #processing: KafkaMessage | undefined
  /** Append time of the last record processed. */
  #lastTimestamp: number | undefined
  /** When the partition was last read to its end. */
  #caughtUpAt: number | undefined
  #lastRecordAt = 0
  /** Steps of quiet that were taken since the last record. */
  #quietSteps = 0
  #quietCheckedAt = 0
  #finished: Promise<void> | undefined
  readonly #running = Promise.withResolvers<void>()

  constructor(context: WorkerContext, place: TopicPartition) {
    const { retryBackoffMs, maxRetryBackoffMs, maxQueuedBytes } = context.config
    this.#context = context
    this.#place = place
    const stateTopic = context.stateTopics.get(place.topic)
    this.#state = stateTopic === undefined ? undefined : { topic: stateTopic, partition: place.partition }
    this.#retryBackoff = new Backoff(retryBackoffMs, maxRetryBackoffMs)
    this.#restartBackoff = new Backoff(retryBackoffMs, maxRetryBackoffMs)
    this.#input = new FetchQueue(context.group, place, maxQueuedBytes)
    this.#entries = this.#state && new FetchQueue(context.group, this.#state, maxQueuedBytes)
    this.#output = context.newOutput(place, this.#state)
  }

  /** Begins when `previous` has ended, a runner that had this partition before. */
  start(previous: Promise<void> = Promise.resolve()): void {
    this.#input.close()
    this.#entries?.close()
    this.#finished = previous.then(() => this.#run())
  }

  /** Resolves when the task takes records for the first time, or has ended without. */
  get running(): Promise<void> {
    return this.#running.promise
  }

  /** Ends the task; with `commit`, what it has done so far is committed first. Resolves when its transactions are closed. */
  async close(options: { readonly commit: boolean }): Promise<void> {
    this.#closing.abort(options)
    this.#input.wake()
    this.#entries?.wake()
    await this.#finished
  }

  /** Takes over what a fetch of the input, or of the state, brought. Never waits. */
  offer(batch: FetchedBatch): void {
    this.#queueOf(batch.topic)?.offer(batch)
  }

  /** Passes over offsets without visible records. */
  skip(topic: string, nextOffset: number): void {
    this.#queueOf(topic)?.skip(nextOffset)
  }

  /** After a rebalance in which this partition stayed here. */
  resumeFetching(): void {
    this.#input.resumeFetching()
    this.#entries?.resumeFetching()
  }

  /** Whether what it does can't be undone, or refused when it is old, as a transaction can; assumed until its task is known. */
  get writesOutside(): boolean {
    return this.#task ? this.#task.writesOutside === true : true
  }

  /** Undefined while the task is not open. */
  progress(): Progress | undefined {
    if (this.#position === undefined) return undefined
    const replaying = this.#position < this.#emitted
    const next = this.#processing ?? this.#input.first?.messages[0]
    const since = Math.max(this.#lastTimestamp ?? -1, this.#caughtUpAt ?? -1)
    return {
      ...this.#place,
      next: Math.max(this.#position, this.#emitted),
      // While the log is read again, what is at hand is older than what is next.
      nextTimestamp: replaying || !next ? undefined : Number(next.timestamp),
      notBefore: replaying || since < 0 ? undefined : since,
    }
  }

  get #key(): string {
    return `${this.#place.topic}-${this.#place.partition}`
  }

  #queueOf(topic: string): FetchQueue | undefined {
    return topic === this.#place.topic ? this.#input : this.#entries
  }

  async #run(): Promise<void> {
    this.#context.health.setNotReady(this.#key, `${this.#key} is being taken over`)
    while (!this.#closing.signal.aborted) {
      try {
        await this.#open()
        await this.#work()
      } catch (error) {
        if (this.#closing.signal.aborted) break
        await this.#recover(error as Error)
      } finally {
        this.#position = undefined
        this.#input.close()
        this.#entries?.close()
        this.#task?.close?.()
        await this.#producer?.close()
        this.#producer = undefined
      }
    }
    this.#context.health.setReady(this.#key)
    this.#running.resolve()
  }

  /**
   * First the transactional id is taken over, which ends the transaction of a previous owner; only then is what it
   * committed to be seen. Only after that does the partition's fetching start, where the commit says.
   */
  async #open(): Promise<void> {
    const context = this.#context
    this.#producer = await context.openTransactions(`${context.groupId}-${this.#key}`)
    const { position, emitted, memo } = await startPoint(context, this.#place)
    await context.readPartitions()
    this.#output = context.newOutput(this.#place, this.#state)
    const task = this.#createTask(memo)
    if (this.#entries) await restoreState(context, this.#state!, this.#entries, task, this.#closing.signal)
    this.#closing.signal.throwIfAborted()
    this.#task = task
    this.#emitted = emitted
    this.#resume = { offset: position, memo: memo ?? '' }
    this.#committedPosition = emitted
    this.#committedAt = context.now()
    this.#shownAt = context.now()
    this.#openedAt = context.now()
    this.#lastRecordAt = context.now()
    this.#touched = false
    this.#quietSteps = 0
    this.#processing = undefined
    this.#lastTimestamp = undefined
    this.#caughtUpAt = undefined
    this.#position = position
    this.#input.open(position)
    context.health.setReady(this.#key)
    this.#running.resolve()
    context.log.info({ ...this.#place, position, emitted }, 'task started')
  }

  /** A memo that its task can't read is a commit without memory, see `startPoint`. */
  #createTask(memo: string | undefined): Task<unknown> {
    try {
      return this.#context.createTask(this.#place, memo)
    } catch (error) {
      if (!(error instanceof RangeError) || memo === undefined) throw error
      this.#context.log.error(
        { ...this.#place, memo: memo.slice(0, 100) },
        `the memory in the committed offset is damaged: ${error.message}; starting there without memory`,
      )
      return this.#context.createTask(this.#place, undefined)
    }
  }

  async #work(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const batch = this.#input.take()
      if (batch) await this.#process(batch)
      else {
        await this.#input.wait(this.#nextTurn())
        await this.#beQuiet()
      }
      await this.#commitWhenDue()
    }
    if ((this.#closing.signal.reason as { readonly commit: boolean }).commit) await this.#commit()
  }

  /** Milliseconds until there is something to do without records; undefined for never, so that an idle partition costs nothing. */
  #nextTurn(): number | undefined {
    const now = this.#context.now()
    const step = this.#task!.quiet?.[this.#quietSteps]
    const waiting: number[] = []
    if (this.#position! < this.#emitted) return undefined
    if (this.#touched) waiting.push(this.#commitDueAt() - now)
    if (step) {
      const due = Math.max(this.#lastRecordAt + step.afterMs, this.#quietCheckedAt + quietCheckMs)
      waiting.push(due - now)
    }
    return waiting.length > 0 ? Math.max(1, Math.min(...waiting)) : undefined
  }

  async #process(batch: FetchedBatch): Promise<void> {
    const { config, metrics } = this.#context
    if (batch.messages.length > 0 && batch.fetchedOffset > this.#position!) {
      const gap = { ...this.#place, from: this.#position, to: batch.fetchedOffset }
      this.#context.log.error(gap, 'records were deleted by retention before they were read')
    }
    const limits = { position: this.#position!, emitted: this.#emitted, maxRecords: config.maxBatchRecords }
    for (const messages of slices(batch.messages, limits)) {
      if (this.#closing.signal.aborted) return
      const replaying = Number(messages[0].offset) < this.#emitted
      this.#processing = messages[0]
      const records = await this.#decode(messages, replaying)
      if (records.length > 0) await this.#processRecords(records, replaying)
      this.#position = Number(messages.at(-1)!.offset) + 1
      this.#touched = true
      this.#processing = undefined
      this.#lastTimestamp = Number(messages.at(-1)!.timestamp)
      metrics.recordsIn.inc({ topic: this.#place.topic }, messages.length)
      await this.#commitWhenDue()
      await yieldToEventLoop()
    }
    if (batch.nextOffset > this.#position!) {
      this.#position = batch.nextOffset
      this.#touched = true
    }
    if (this.#position! >= batch.highWatermark) this.#caughtUpAt = this.#context.now()
    if (batch.messages.length === 0) return
    this.#lastRecordAt = this.#context.now()
    this.#quietSteps = 0
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
        record.value = decoder.decode(record)
        records.push(record)
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
    const attempt = () => {
      this.#output.truncate(before)
      return this.#task!.process(records, output, this.#closing.signal)
    }
    await this.#retrying(() => {
      const lapse = this.#task!.writesOutside && this.#context.group.lapse()
      if (lapse) return this.#untilMember(lapse).then(attempt)
      return attempt()
    })
  }

  /**
   * A worker that stood still does not know whether its partition was another's since, who has written on: what it has
   * in hand may be old. It waits until the group has heard of it; if it was thrown out, this runner is closed by then.
   */
  async #untilMember(lapse: Promise<void>): Promise<void> {
    const { signal } = this.#closing
    this.#context.log.warn(
      { ...this.#place },
      `the group ${this.#context.groupId} has not heard of this worker for too long: waiting before the next write`,
    )
    const closed = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => closed.resolve(), { once: true })
    if (!signal.aborted) await Promise.race([lapse, closed.promise])
    signal.throwIfAborted()
  }

  /** Tries until it works or the task is closed, while a server is away. */
  async #retrying(attempt: () => void | Promise<void>): Promise<void> {
    for (;;) {
      try {
        const pending = attempt()
        if (pending) await pending
        this.#retryBackoff.reset()
        this.#context.health.setReady(this.#key)
        return
      } catch (error) {
        if (!(error instanceof RetryableError) || this.#closing.signal.aborted) throw error
        this.#context.health.setNotReady(this.#key, `${error.server} can't be used: ${error.message}`)
        this.#context.log.warn({ ...this.#place, server: error.server }, `${error.message}; trying again`)
        await this.#retryBackoff.wait(this.#closing.signal, error)
        if (this.#closing.signal.aborted) throw error
      }
    }
  }

  /** Whether a commit would show more than how far the task has come. */
  get #hasOutput(): boolean {
    return this.#output.length > 0 || this.#task!.gathers === true
  }

  /**
   * At once when the first output comes after a pause, such as the windows that have just ended. Later when nobody waits:
   * while more is at hand, and has been for a while, and while there is no output.
   */
  #commitDueAt(): number {
    const { commitIntervalMs, backlogCommitIntervalMs } = this.#context.config
    const longer = Math.max(commitIntervalMs, backlogCommitIntervalMs)
    if (!this.#hasOutput) return this.#committedAt + longer
    const isBehind =
      this.#input.length > 0 && this.#context.now() - (this.#caughtUpAt ?? this.#openedAt) > backlogAfterMs
    return this.#shownAt + (isBehind ? longer : commitIntervalMs)
  }

  async #commitWhenDue(): Promise<void> {
    const isDue = this.#context.now() >= this.#commitDueAt()
    if (isDue || this.#output.bytes > maxPendingBytes) await this.#commit()
  }

  async #commit(): Promise<void> {
    const position = this.#position!
    if (position >= this.#emitted) this.#task!.beforeCommit?.(this.#output)
    const unchanged = position <= this.#committedPosition && this.#output.length === 0
    this.#committedAt = this.#context.now()
    if (this.#hasOutput) this.#shownAt = this.#committedAt
    this.#touched = false
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
    this.#restartBackoff.reset()
    const { metrics } = this.#context
    metrics.commitSeconds.observe((performance.now() - started) / 1000)
    for (const record of records) {
      metrics.recordsOut.inc({ topic: record.topic })
      if (record.topic !== this.#state?.topic) continue
      metrics.stateRecords.inc({ ...this.#state })
      metrics.stateBytes.inc({ ...this.#state }, sizeOfEntry(record))
    }
  }

  /** Event time goes on in a quiet partition, but only when the broker confirms that there is nothing left to read. */
  async #beQuiet(): Promise<void> {
    const context = this.#context
    const task = this.#task!
    const step = task.quiet?.[this.#quietSteps]
    if (!step || this.#input.length > 0 || this.#position! < this.#emitted) return
    const now = context.now()
    if (now - this.#lastRecordAt < step.afterMs || now - this.#quietCheckedAt < quietCheckMs) return
    this.#quietCheckedAt = now
    const range = (await context.admin.ranges(this.#place.topic)).get(this.#place.partition)
    if (!range || range.end > this.#position! || this.#input.length > 0) return
    step.act(this.#output)
    this.#touched = true
    this.#quietSteps++
  }

  async #recover(error: Error): Promise<void> {
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
    if (error instanceof RetryableError) {
      this.#context.health.setNotReady(this.#key, error.message)
      this.#context.log.warn({ ...this.#place }, `${error.message}; starting the task again`)
    } else {
      this.#context.onBug(error)
    }
    this.#context.metrics.restarts.inc()
    await this.#restartBackoff.wait(this.#closing.signal, error)
  }
}
