import { identityOf } from '../../shared/influx/line-protocol.ts'
import type { Unsettled } from '../../shared/stream/task.ts'

/** A line, and the record that it came from. */
interface Written {
  readonly offset: number
  readonly line: string
  /** Whether it may overwrite another line. */
  readonly corrects: boolean
}

/**
 * Corrections that are written a second time. InfluxDB takes the last word for the truth, in the order in which it comes
 * to it, and it can't be told which is newer. So a request of which nobody has seen the end (of a worker that has died
 * or has lost the partition, or one that had no answer in time) may still be at work in the server, and put back what
 * has been corrected meanwhile. Lines that correct nothing are safe: what may come late has the same in it.
 */
export class Corrections {
  readonly #settleMs: number
  readonly #held: Written[] = []
  /** The points that these lines write. */
  readonly #identities = new Set<string>()
  #until = -Infinity

  constructor(settleMs: number) {
    this.#settleMs = settleMs
  }

  /** A request may be under way at `now` of whose end nothing will be known. */
  doubt(now: number): void {
    this.#until = Math.max(this.#until, now + this.#settleMs)
  }

  /**
   * Lines have been written, not before `now`. While corrections wait all later ones do, lest the second time put back an
   * old one; so does a line that does not say that it corrects one of them, as that of a window which begins again at
   * revision 0 because its aggregator has lost its memory.
   */
  note(lines: readonly Written[], now: number): void {
    const isInDoubt = now < this.#until
    for (const one of lines) {
      const isFirst = this.#held.length === 0
      if (isFirst && !(one.corrects && isInDoubt)) continue
      const identity = identityOf(one.line)
      if (!one.corrects && !this.#identities.has(identity)) continue
      this.#identities.add(identity)
      this.#held.push(one)
    }
  }

  /** How many wait. */
  get size(): number {
    return this.#held.length
  }

  get unsettled(): Unsettled | undefined {
    const [first] = this.#held
    return first && { from: first.offset, dueAt: this.#until }
  }

  /** All that wait, in the order in which they were written. */
  get held(): readonly { readonly line: string }[] {
    return this.#held
  }

  /** They have been written the second time. */
  settled(): void {
    this.#held.length = 0
    this.#identities.clear()
  }
}
