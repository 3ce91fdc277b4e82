import type { EventTime, ResumePoint } from '../../shared/stream/task.ts'

/** From where the log must be read to make again what is not stored of something. */
interface Since {
  readonly resume: ResumePoint
  readonly time: EventTime
}

/**
 * What has changed since it was stored, the longest ago first: the log must be read again from there after a restart.
 */
export class Unsaved<T> {
  /** In the order in which they were added, and so of the log. */
  readonly #since = new Map<T, Since>()

  /** It has changed by the record at `resume.offset`, in which event time came to `time`. */
  add(item: T, resume: ResumePoint, time: EventTime): void {
    if (!this.#since.has(item)) this.#since.set(item, { resume, time })
  }

  has(item: T): boolean {
    return this.#since.has(item)
  }

  delete(item: T): void {
    this.#since.delete(item)
  }

  /** Undefined when all is stored. */
  get resumePoint(): ResumePoint | undefined {
    const first = this.#since.values().next()
    return first.done ? undefined : first.value.resume
  }

  /** Those that have waited since before this event time, the longest first. */
  *waitingSince(time: EventTime): Generator<T> {
    for (const [item, since] of this.#since) {
      if (since.time >= time) return
      yield item
    }
  }
}
