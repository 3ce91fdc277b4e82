import type { QuietStep, TopicPartition } from './task.ts'
import type { WorkerContext } from './worker-context.ts'

/** How often the broker is asked whether a quiet partition has really been read to its end. */
const checkMs = 1_000

/** How long no records have come, and which of the steps for such a time their task has taken since. */
export class QuietTime {
  readonly #context: Pick<WorkerContext, 'admin' | 'now'>
  readonly #place: TopicPartition
  #steps: readonly QuietStep[] = []
  #taken = 0
  #lastRecordAt = 0
  #checkedAt = 0

  constructor(context: Pick<WorkerContext, 'admin' | 'now'>, place: TopicPartition) {
    this.#context = context
    this.#place = place
  }

  /** A task starts, with these steps. */
  begin(steps: readonly QuietStep[] = []): void {
    this.#steps = steps
    this.end()
  }

  /** Records have come. */
  end(): void {
    this.#lastRecordAt = this.#context.now()
    this.#taken = 0
  }

  /** Milliseconds until it is worth asking for the next step; undefined when there is none. */
  get nextInMs(): number | undefined {
    const step = this.#steps[this.#taken]
    if (!step) return undefined
    return Math.max(this.#lastRecordAt + step.afterMs, this.#checkedAt + checkMs) - this.#context.now()
  }

  /** The step that is due, if the broker confirms that there is nothing to read from `position` on. */
  async due(position: number): Promise<QuietStep | undefined> {
    const step = this.#steps[this.#taken]
    const { admin, now } = this.#context
    if (!step || now() - this.#lastRecordAt < step.afterMs || now() - this.#checkedAt < checkMs)
      return undefined
    this.#checkedAt = now()
    const range = (await admin.ranges(this.#place.topic)).get(this.#place.partition)
    return range && range.end <= position ? step : undefined
  }

  /** The step that was due has been taken. */
  take(): void {
    this.#taken++
  }
}
