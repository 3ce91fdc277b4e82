import type { Unsettled } from '../../shared/stream/task.ts'

/** A line that is to overwrite an earlier one, and the record that it came from. */
export interface Correction {
  readonly offset: number
  readonly line: string
}

/**
 * Corrections that are written a second time. InfluxDB takes the last word for the truth, in the order in which it comes
 * to it, and it can't be told which is newer. So a request of which nobody has seen the end (of a worker that has died
 * or has lost the partition, or one that had no answer in time) may still be at work in the server, and put back what
 * has been corrected meanwhile. Lines that correct nothing are safe: what may come late has the same in it.
 */
export class Corrections {
  readonly #settleMs: number
  readonly #held: Correction[] = []
  #until = -Infinity

  constructor(settleMs: number) {
    this.#settleMs = settleMs
  }

  /** A request may be under way at `now` of whose end nothing will be known. */
  doubt(now: number): void {
    this.#until = Math.max(this.#until, now + this.#settleMs)
  }

  /** Corrections have been written, not before `now`. While some wait, all later ones do, lest the second time put back an old one. */
  note(corrections: readonly Correction[], now: number): void {
    if (now >= this.#until && this.#held.length === 0) return
    for (const correction of corrections) this.#held.push(correction)
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
  get held(): readonly Correction[] {
    return this.#held
  }

  /** They have been written the second time. */
  settled(): void {
    this.#held.length = 0
  }
}
