import { RetryableError } from '../errors.ts'
import type { TopicPartition } from './task.ts'

/** An answer that stays old for so long is true: someone has deleted the topic, or the group's offsets. */
const maxDoubtMs = 60_000

/**
 * What this process has committed, as the broker has confirmed. No later answer about the same partition can lie before
 * it; one that does is out of a coordinator's past, and to begin there would do again what is done.
 */
export class OwnCommits {
  readonly #emitted = new Map<string, number>()
  /** Since when the answer has been too old. */
  readonly #doubtedSince = new Map<string, number>()

  /** Outputs of records before `emitted` were committed. */
  note({ topic, partition }: TopicPartition, emitted: number): void {
    this.#emitted.set(`${topic}-${partition}`, emitted)
  }

  /** Throws RetryableError when the group's answer is older than what was committed from here. */
  check({ topic, partition }: TopicPartition, emitted: number | undefined, nowMs: number): void {
    const key = `${topic}-${partition}`
    const own = this.#emitted.get(key)
    if (own === undefined || (emitted !== undefined && emitted >= own)) {
      this.#doubtedSince.delete(key)
      return
    }
    const since = this.#doubtedSince.get(key) ?? nowMs
    this.#doubtedSince.set(key, since)
    if (nowMs - since < maxDoubtMs)
      throw new RetryableError(
        'Kafka',
        `the coordinator tells of offset ${emitted ?? 'none'} for ${key}, although ${own} was committed`,
      )
    this.#emitted.delete(key)
    this.#doubtedSince.delete(key)
  }
}
