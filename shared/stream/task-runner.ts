import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { BadRecordError, FencedError, RetryableError } from '../errors.ts'
import type { FetchedBatch, FetchedMessage } from '../kafka/consumer-group.ts'
import { Backoff } from './backoff.ts'
import { Committer } from './committer.ts'
import { FetchQueue } from './fetch-queue.ts'
import type { Progress } from './lag.ts'
import { discarded, type OutputBuffer } from './output-buffer.ts'
import { retrying, untilMember, type Waiting } from './patience.ts'
import { QuietTime } from './quiet-time.ts'
import { slices } from './slices.ts'
import { startPoint } from './start-point.ts'
import { restoreState } from './state-restore.ts'
import { streamRecord } from './stream-record.ts'
import type { StreamRecord, Task, TopicPartition } from './task.ts'
import type { WorkerContext } from './worker-context.ts'

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
  readonly #committer: Committer
  readonly #quiet: QuietTime
  #producer: Awaited<ReturnType<WorkerContext['openTransactions']>> | undefined
  #task: Task<unknown> | undefined
  #output: OutputBuffer
  /** The offset after the last one processed; undefined until it is known. */
  #position: number | undefined
  /** Whether the task may have something to commit. */
  #touched = false
  #openedAt = 0
  /** The first message of the slice that the task has now. */
  #processing: FetchedMessage | undefined
  /** Append time of the last record processed. */
  #lastTimestamp: number | undefined
  /** When the partition was last read to its end. */
  #caughtUpAt: number | undefined
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
    this.#committer = new Committer(context, place, this.#state)
    this.#quiet = new QuietTime(context, place)
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
    const replaying = this.#isReplaying
    const next = this.#processing ?? this.#input.first?.messages[0]
    const since = Math.max(this.#lastTimestamp ?? -1, this.#caughtUpAt ?? -1)
    return {
      ...this.#place,
      next: Math.max(this.#position, this.#committer.emitted),
      // While the log is read again, what is at hand is older than what is next.
      nextTimestamp: replaying || !next ? undefined : next.time,
      notBefore: replaying || since < 0 ? undefined : since,
    }
  }

  /** The log is read again, and outputs are discarded. */
  get #isReplaying(): boolean {
    return this.#position! < this.#committer.emitted
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
   * committed to be seen, and surely so when the coordinator has written something since. Only after that does the
   * partition's fetching start, where the commit says.
   */
  async #open(): Promise<void> {
    const context = this.#context
    this.#producer = await context.openTransactions(`${context.groupId}-${this.#key}`)
    await this.#producer.writeBarrier({ groupId: context.groupId, ...this.#place })
    const start = await startPoint(context, this.#place)
    const { position, emitted, memo } = start
    await context.readPartitions()
    this.#output = context.newOutput(this.#place, this.#state)
    const task = this.#createTask(memo)
    if (this.#entries) await restoreState(context, this.#state!, this.#entries, task, this.#closing.signal)
    this.#closing.signal.throwIfAborted()
    this.#task = task
    this.#committer.begin(start)
    this.#quiet.begin(task.quiet)
    this.#openedAt = context.now()
    this.#touched = false
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
      await this.#settleWhenDue()
      await this.#commitWhenDue()
    }
    if ((this.#closing.signal.reason as { readonly commit: boolean }).commit) await this.#commit()
  }

  /** Milliseconds until there is something to do without records; undefined for never, so that an idle partition costs nothing. */
  #nextTurn(): number | undefined {
    if (this.#isReplaying) return undefined
    const { nextInMs } = this.#quiet
    const waiting = nextInMs === undefined ? [] : [nextInMs]
    const { unsettled } = this.#task!
    if (unsettled) waiting.push(unsettled.dueAt - this.#context.now())
    if (this.#touched) waiting.push(this.#commitDueAt() - this.#context.now())
    return waiting.length > 0 ? Math.max(1, Math.min(...waiting)) : undefined
  }

  async #process(batch: FetchedBatch): Promise<void> {
    const { config, metrics } = this.#context
    if (batch.messages.length > 0 && batch.fetchedOffset > this.#position!) {
      const gap = { ...this.#place, from: this.#position, to: batch.fetchedOffset }
      this.#context.log.error(gap, 'records were deleted by retention before they were read')
    }
    const { emitted } = this.#committer
    const limits = { position: this.#position!, emitted, maxRecords: config.maxBatchRecords }
    for (const messages of slices(batch.messages, limits)) {
      if (this.#closing.signal.aborted) return
      const replaying = messages[0].position < this.#committer.emitted
      this.#processing = messages[0]
      const records = await this.#decode(messages, replaying)
      if (records.length > 0) await this.#processRecords(records, replaying)
      this.#position = messages.at(-1)!.position + 1
      this.#touched = true
      this.#processing = undefined
      this.#lastTimestamp = messages.at(-1)!.time
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
    this.#quiet.end()
  }

  async #decode(
    messages: readonly FetchedMessage[],
    replaying: boolean,
  ): Promise<readonly StreamRecord<unknown>[]> {
    const { decoder } = this.#context
    const records: StreamRecord<unknown>[] = []
    for (const message of messages) {
      const record = streamRecord(this.#place, message)
      try {
        if (!decoder.isReady(record)) await retrying(() => decoder.prepare(record), this.#waiting)
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
    await this.#asOwner(() => {
      this.#output.truncate(before)
      return this.#task!.process(records, output, this.#closing.signal)
    })
  }

  /** What a task does, again and again until the servers that it needs are there. */
  async #asOwner(act: () => void | Promise<void>): Promise<void> {
    await retrying(() => {
      const lapse = this.#task!.writesOutside && this.#context.group.lapse()
      return lapse ? untilMember(lapse, this.#waiting).then(act) : act()
    }, this.#waiting)
  }

  async #settleWhenDue(): Promise<void> {
    const { unsettled } = this.#task!
    if (this.#closing.signal.aborted || !unsettled || this.#context.now() < unsettled.dueAt) return
    await this.#asOwner(() => this.#task!.settle!(this.#closing.signal))
    this.#touched = true
  }

  get #waiting(): Waiting {
    return {
      context: this.#context,
      place: this.#place,
      key: this.#key,
      backoff: this.#retryBackoff,
      signal: this.#closing.signal,
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
    if (!this.#hasOutput) return this.#committer.at + longer
    const isBehind =
      this.#input.length > 0 && this.#context.now() - (this.#caughtUpAt ?? this.#openedAt) > backlogAfterMs
    return this.#committer.shownAt + (isBehind ? longer : commitIntervalMs)
  }

  async #commitWhenDue(): Promise<void> {
    const isDue = this.#context.now() >= this.#commitDueAt()
    if (isDue || this.#output.bytes > maxPendingBytes) await this.#commit()
  }

  async #commit(): Promise<void> {
    this.#touched = false
    if (await this.#committer.commit(this.#position!, this.#task!, this.#output, this.#producer!))
      this.#restartBackoff.reset()
  }

  /** Event time goes on in a quiet partition. */
  async #beQuiet(): Promise<void> {
    if (this.#input.length > 0 || this.#isReplaying) return
    const step = await this.#quiet.due(this.#position!)
    if (!step || this.#input.length > 0) return
    step.act(this.#output)
    this.#quiet.take()
    this.#touched = true
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
