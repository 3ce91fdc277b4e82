import type { EventTime, StreamRecord } from '../../../shared/stream/task.ts'
import type { Fingerprint } from './fingerprint.ts'
import { FingerprintSet } from './fingerprint-set.ts'
import { Generation } from './generation.ts'

interface PastLimits {
  /** By the log's own time; what was seen is remembered for at least so long, and at most twice as long. */
  readonly windowMs: number
  /** Remembered at a time. */
  readonly maxEntries: number
}

/**
 * What was seen lately, in two generations: when the younger is full, or old enough, it becomes the older, and what was the older is
 * forgotten. A generation holds all that was seen in its part of the log, also what the one before holds, so it depends on
 * nothing from before: the log, read again from where one began, gives the same generations from there on.
 */
export class RecentPast {
  readonly #windowMs: number
  readonly #maxInGeneration: number
  /** How often a generation was full before its time. */
  cuts = 0
  #young: Generation | undefined
  #old: Generation | undefined
  /** In order, from the first that may have to be read again. */
  readonly #generations: Generation[] = []
  /** Of a generation that was forgotten, to be used again. */
  #spare: FingerprintSet | undefined
  #offset = 0
  #time: EventTime = 0

  constructor({ windowMs, maxEntries }: PastLimits) {
    this.#windowMs = windowMs
    this.#maxInGeneration = Math.floor(maxEntries / 2)
  }

  /** Called for each record of the partition: generations change between records only. */
  readFrom({ offset, timestamp }: Pick<StreamRecord<unknown>, 'offset' | 'timestamp'>): void {
    this.#offset = offset
    this.#time = timestamp
    const young = this.#young
    if (young) {
      const isDue = timestamp - young.since >= this.#windowMs
      const isFull = young.size >= this.#maxInGeneration
      if (isFull && !isDue) this.cuts++
      if (isFull || isDue) this.#becomeOld(young)
    }
    if (this.#old && timestamp - this.#old.last >= this.#windowMs) this.#forgetOld()
  }

  /** Whether it was seen before; from now on it was. What a single record brings beyond a generation is not remembered. */
  holds({ high, low }: Fingerprint): boolean {
    const young = this.#young ?? this.#begin()
    if (young.size >= this.#maxInGeneration) return young.has(high, low) || this.#isOld(high, low)
    young.last = this.#time
    return !young.add(high, low) || this.#isOld(high, low)
  }

  /** Of what was surely not seen before: from now on it was. */
  remember({ high, low }: Fingerprint): void {
    const young = this.#young ?? this.#begin()
    if (young.size >= this.#maxInGeneration) return
    young.last = this.#time
    young.write(high, low)
  }

  /**
   * Where the log must be read again so that all is known that was known when `offset` was read; `offset` itself at the
   * latest. No later call may ask for an earlier offset.
   */
  resumeFrom(offset: number): number {
    const generations = this.#generations
    while (generations.length > 0 && generations[0]!.forgotten <= offset) generations.shift()
    return Math.min(offset, generations[0]?.began ?? offset)
  }

  #isOld(high: number, low: number): boolean {
    return this.#old?.has(high, low) === true
  }

  #begin(): Generation {
    const young = new Generation(this.#offset, this.#time, this.#spare ?? new FingerprintSet())
    this.#spare = undefined
    this.#young = young
    this.#generations.push(young)
    return young
  }

  #becomeOld(young: Generation): void {
    this.#forgetOld()
    this.#young = undefined
    this.#old = young
  }

  #forgetOld(): void {
    this.#spare = this.#old?.forget(this.#offset) ?? this.#spare
    this.#old = undefined
  }
}
