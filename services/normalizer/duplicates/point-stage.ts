import type { EventTime } from '../../../shared/stream/task.ts'
import { Fingerprint } from './fingerprint.ts'
import type { RecentPast } from './recent-past.ts'
import type { SeriesIdentity } from './series-identity.ts'

/** As many as stay in the processor's nearest cache. */
const room = 512

/**
 * New points of a record that are to be remembered, until it is their turn: in a tight loop their fingerprints cost a fraction of what
 * they do between the reading of one number and the next.
 */
export class PointStage {
  readonly #identities = new Int32Array(2 * room)
  /** Times and values by turns. */
  readonly #points = new Float64Array(2 * room)
  /** The bits of these. */
  readonly #words = new Int32Array(this.#points.buffer)
  readonly #print = new Fingerprint()
  #count = 0

  get isFull(): boolean {
    return this.#count === room
  }

  add({ high, low }: SeriesIdentity, time: EventTime, value: number): void {
    const at = 2 * this.#count++
    this.#identities[at] = high
    this.#identities[at + 1] = low
    this.#points[at] = time
    this.#points[at + 1] = value
  }

  /** Has all of them remembered. */
  empty(past: RecentPast): void {
    const identities = this.#identities
    const words = this.#words
    for (let at = 0; at < 2 * this.#count; at += 2) {
      // As `ofPoint` does.
      this.#print.begin(identities[at]!, identities[at + 1]!)
      this.#print.words(words[2 * at]!, words[2 * at + 1]!).words(words[2 * at + 2]!, words[2 * at + 3]!)
      past.remember(this.#print.end())
    }
    this.#count = 0
  }
}
