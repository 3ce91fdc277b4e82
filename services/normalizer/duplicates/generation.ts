import type { EventTime } from '../../../shared/stream/task.ts'
import type { FingerprintSet } from './fingerprint-set.ts'

/** Fingerprints for which there is room at first. */
const firstRoom = 1_024

/**
 * What was seen in a part of the log. To write something down one after the other costs next to nothing; to find its place in a set
 * costs a miss of the processor's cache. So the set takes it only when somebody asks, which in most parts of a log nobody does.
 */
export class Generation {
  /** The first record of which something was seen. */
  readonly began: number
  /** The record before which it was forgotten. */
  forgotten = Infinity
  readonly since: EventTime
  last: EventTime
  readonly #set: FingerprintSet
  /** High and low words by turns. */
  #written = new Int32Array(2 * firstRoom)
  #length = 0

  /** `set` is empty. */
  constructor(began: number, since: EventTime, set: FingerprintSet) {
    this.began = began
    this.since = since
    this.last = since
    this.#set = set
  }

  get size(): number {
    return this.#set.size + this.#length / 2
  }

  /** Of what is surely not there yet. */
  write(high: number, low: number): void {
    if (this.#length === this.#written.length) {
      const longer = new Int32Array(2 * this.#length)
      longer.set(this.#written)
      this.#written = longer
    }
    this.#written[this.#length++] = high
    this.#written[this.#length++] = low
  }

  has(high: number, low: number): boolean {
    if (this.#length > 0) this.#findPlaces()
    return this.#set.has(high, low)
  }

  /** Whether it was not there before. */
  add(high: number, low: number): boolean {
    if (this.#length > 0) this.#findPlaces()
    return this.#set.add(high, low)
  }

  /** Nothing is known of it any more. Gives back the set, empty, with its memory. */
  forget(offset: number): FingerprintSet {
    this.forgotten = offset
    this.#written = none
    this.#length = 0
    this.#set.clear()
    return this.#set
  }

  #findPlaces(): void {
    const written = this.#written
    for (let i = 0; i < this.#length; i += 2) this.#set.add(written[i]!, written[i + 1]!)
    this.#length = 0
  }
}

const none = new Int32Array(0)
