import type { Output, Refusal, StreamRecord } from '../../shared/stream/task.ts'
import type { Topic } from '../../shared/stream/topic.ts'

export interface Sent {
  readonly topic: string
  readonly partition: number
  readonly value: unknown
}

export interface Rejected {
  readonly offset: number
  readonly reason: string
  readonly detail: string
  readonly refusals: readonly Refusal[]
}

/** Keeps what a task emits. */
export class RecordingOutput implements Output {
  readonly sent: Sent[] = []
  readonly rejected: Rejected[] = []
  /** The long state, as a compacted topic would hold it. */
  readonly state = new Map<string, Uint8Array>()

  send<T>(topic: Topic<T>, partition: number, value: T): void {
    // A copy, because what was sent must not change afterwards.
    this.sent.push({ topic: topic.name, partition, value: structuredClone(value) })
  }

  keep(key: string, value: Uint8Array | null): void {
    if (value) this.state.set(key, Uint8Array.from(value))
    else this.state.delete(key)
  }

  reject(
    record: StreamRecord<unknown>,
    reason: string,
    detail: string,
    refusals: readonly Refusal[] = [],
  ): void {
    this.rejected.push({ offset: record.offset, reason, detail, refusals })
  }

  /** What was sent to one topic. */
  of<T>(topic: Topic<T>): readonly T[] {
    return this.sent.filter(({ topic: name }) => name === topic.name).map(({ value }) => value as T)
  }
}
