import type { EventTime, ResumePoint } from '../../shared/stream/task.ts'

interface Entry {
  readonly offset: number
  /** The latest window in the record. */
  readonly newest: EventTime
  /** The latest window of all before it. */
  readonly latestBefore: EventTime
}

/**
 * Which records still matter to models that look back a limited time: from the first of them on, the log rebuilds the
 * state. The memo is the event time reached before it.
 */
export class RecentLog {
  readonly #keepMs: number
  readonly #entries: Entry[] = []
  #latest: EventTime
  #lastOffset: number | undefined

  constructor(keepMs: number, memo?: string) {
    this.#keepMs = keepMs
    this.#latest = memo ? Number.parseInt(memo, 36) : -Infinity
  }

  /** The latest window start seen. */
  get latest(): EventTime {
    return this.#latest
  }

  /** Takes note of a record whose latest window starts at `newest`. */
  add(offset: number, newest: EventTime): void {
    this.#entries.push({ offset, newest, latestBefore: this.#latest })
    this.#lastOffset = offset
    this.#latest = Math.max(this.#latest, newest)
    let outdated = 0
    while (this.#entries[outdated]!.newest < this.#latest - this.#keepMs) outdated++
    if (outdated > 0) this.#entries.splice(0, outdated)
  }

  /** Undefined before the first record. */
  resumePoint(): ResumePoint | undefined {
    const [first] = this.#entries
    if (this.#lastOffset === undefined || !first) return undefined
    return {
      offset: first.offset,
      memo: first.latestBefore === -Infinity ? '' : first.latestBefore.toString(36),
    }
  }
}
