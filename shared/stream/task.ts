import type { RejectionReason } from '../errors.ts'
import type { Logger } from '../observability/logger.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Topic } from './topic.ts'

/** Milliseconds since 1970-01-01T00:00:00Z at which something happened, as its producer says. */
export type EventTime = number

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A record of the input topic, decoded. */
export interface StreamRecord<In> extends TopicPartition {
  readonly offset: number
  /** Kafka's timestamp, milliseconds: when the broker appended it, on topics of Tidemark's own. */
  readonly timestamp: number
  /** Whether the timestamp is the broker's, not the producer's. */
  readonly isAppendTime: boolean
  readonly key: Buffer | null
  /** The bytes before decoding; null for a tombstone, which never decodes. */
  readonly bytes: Buffer | null
  readonly headers: Readonly<Record<string, Buffer>>
  readonly value: In
}

/** A part of a record that is refused or parked: which line or element, and why. */
export interface Refusal {
  readonly position: number
  /** Of neighbours that are told of together; 1 by default. */
  readonly count?: number
  /** Of its numbers, counted from 0, the one that was refused; undefined for the whole part. */
  readonly value?: number
  readonly reason: RejectionReason
  readonly detail: string
}

/** What a task may emit. All of it is committed together with the input's offsets, or not at all. */
export interface Output {
  /** Whether nothing that is emitted matters, because it was committed before: then it need not be made. */
  readonly isDiscarded: boolean
  send<T>(topic: Topic<T>, partition: number, value: T): void
  /** Writes an entry of the task's long state, or with null removes it: what `Task.restore` is given after a restart. */
  keep(key: string, value: Uint8Array | null): void
  /** Sends a record, whole, to the dead-letter topic. With `refusals`, only these parts of it were refused. */
  reject(
    record: StreamRecord<unknown>,
    reason: RejectionReason,
    detail: string,
    refusals?: readonly Refusal[],
  ): void
}

/** Where a new owner of the partition must read on from, and what it must know there. */
export interface ResumePoint {
  readonly offset: number
  /** Opaque to the runtime, given back to the task factory. At most 3,500 bytes: it travels in Kafka's commit metadata. */
  readonly memo: string
}

/** Done once, when nothing has come for `afterMs` of wall time. */
export interface QuietStep {
  readonly afterMs: number
  act(out: Output): void
}

/** What was written to a store and must be written once more. */
export interface Unsettled {
  /** The record from which on a new owner must write again, if this one does not come to it. */
  readonly from: number
  /** Wall time, milliseconds. */
  readonly dueAt: number
}

/**
 * The work on one partition: a plain object that knows no Kafka. Its outputs and its state are a function of the log
 * alone, however the records are cut into batches: after a crash the runtime makes a new task from the memo, feeds it
 * the log again from the resume point, and throws away what had been committed already.
 */
export interface Task<In> {
  /**
   * Takes records in order. A task that talks to a store returns a promise, which resolves only when the store has
   * acknowledged all of them; throws RetryableError to be called again later with the same records.
   */
  process(batch: readonly StreamRecord<In>[], out: Output, signal: AbortSignal): void | Promise<void>
  /** Set when it writes to a store, which no transaction fences: then it is called only by who surely owns the partition. */
  readonly writesOutside?: true
  /**
   * What to do while the partition has been read to its end and nothing comes, step by step; from the beginning again
   * when records have come. What a step does must follow from the memo after a restart.
   */
  readonly quiet?: readonly QuietStep[]
  /** Set when it gathers what it emits for `beforeCommit`: then a commit is due though nothing was sent yet. */
  readonly gathers?: true
  /** Called right before a commit, so that a task may gather what it emits: afterwards nothing may be held back. */
  beforeCommit?(out: Output): void
  /**
   * Takes an entry of the long state that was committed last, all of them before the first record, in the order in
   * which they were written: a key may come several times, then the last one counts, and null is a removal, also of a
   * key that never came. The log that is read again after it may lie before the entry was written. Throws RangeError
   * when the bytes are damaged; it is then called with null for that key.
   */
  restore?(key: string, value: Uint8Array | null): void
  /** The partition is not here any more: takes back what was said of it in metrics. */
  close?(): void
  /** Absent in tasks without state: they resume at the next record. Undefined while nothing has changed since the task was made. */
  resumePoint?(): ResumePoint | undefined
  /** Of a task that writes to a store, where an earlier request may still come in between; undefined when none can. */
  readonly unsettled?: Unsettled | undefined
  /** Called when that is due; what is said of `process` holds here too. */
  settle?(signal: AbortSignal): Promise<void>
}

export interface TaskContext extends TopicPartition {
  readonly log: Logger
  readonly metrics: Metrics
  /** The number of partitions of the topic that the task reads. */
  readonly inputPartitions: number
  /** The number of partitions of an output topic. */
  partitionsOf(topic: Topic<unknown>): number
  /** Wall time, milliseconds: for metrics and limits only, never for results. */
  now(): number
  /**
   * Whether the group has heard of this worker lately enough that the partition can't be another's by now: to be asked
   * right before what can't be undone.
   */
  isOwner(): boolean
}
