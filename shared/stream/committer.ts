import type { TransactionalProducer } from '../kafka/transactional-producer.ts'
import { encodeCommitMetadata } from './commit-metadata.ts'
import type { OutputBuffer } from './output-buffer.ts'
import type { StartPoint } from './start-point.ts'
import { sizeOfEntry } from './state-restore.ts'
import type { Output, ResumePoint, Task, TopicPartition } from './task.ts'
import type { WorkerContext } from './worker-context.ts'

/** What was committed last for a partition, and the next commit: outputs, state and offset in one transaction. */
export class Committer {
  readonly #context: WorkerContext
  readonly #place: TopicPartition
  readonly #state: TopicPartition | undefined
  #resume: ResumePoint = { offset: 0, memo: '' }
  /** Outputs of records before this offset were committed. */
  #emitted = 0
  #position = -1
  #at = 0
  #shownAt = 0

  constructor(context: WorkerContext, place: TopicPartition, state: TopicPartition | undefined) {
    this.#context = context
    this.#place = place
    this.#state = state
  }

  /** A task starts from the last commit. */
  begin({ position, emitted, memo }: StartPoint): void {
    this.#resume = { offset: position, memo: memo ?? '' }
    this.#emitted = emitted
    this.#position = emitted
    this.#at = this.#context.now()
    this.#shownAt = this.#at
  }

  /** While the position is behind it the log is read again, and outputs are discarded. */
  get emitted(): number {
    return this.#emitted
  }

  /** Of the last commit, or of the last time that there was nothing to commit. */
  get at(): number {
    return this.#at
  }

  /** The same, of commits that may have had more to show than how far the task had come. */
  get shownAt(): number {
    return this.#shownAt
  }

  /** Commits what was done up to `position`, if there is anything; returns whether there was. */
  async commit(
    position: number,
    task: Task<unknown>,
    output: Pick<OutputBuffer, keyof Output | 'length' | 'take'>,
    producer: Pick<TransactionalProducer, 'commit'>,
  ): Promise<boolean> {
    const { groupId, metrics, now, ownCommits } = this.#context
    if (position >= this.#emitted) task.beforeCommit?.(output)
    const resume = task.resumePoint
      ? (task.resumePoint() ?? this.#resume)
      : { offset: task.unsettled?.from ?? position, memo: '' }
    const unchanged =
      position <= this.#position && output.length === 0 && resume.offset <= this.#resume.offset
    this.#at = now()
    if (output.length > 0 || task.gathers) this.#shownAt = this.#at
    // While the log is read again the old commit stays: it is what a restart needs.
    if (unchanged || position < this.#emitted) return false
    this.#resume = resume
    const started = performance.now()
    const records = output.take()
    await producer.commit({
      ...this.#place,
      groupId,
      records,
      offset: this.#resume.offset,
      metadata: encodeCommitMetadata({ emitted: position, memo: this.#resume.memo }),
    })
    this.#emitted = position
    this.#position = position
    ownCommits.note(this.#place, position)
    metrics.commitSeconds.observe((performance.now() - started) / 1000)
    for (const record of records) {
      metrics.recordsOut.inc({ topic: record.topic })
      if (record.topic !== this.#state?.topic) continue
      metrics.stateRecords.inc({ ...this.#state })
      metrics.stateBytes.inc({ ...this.#state }, sizeOfEntry(record))
    }
    return true
  }
}
