import type { Cells, Layout } from '../models/cells.ts'

const dayMs = 86_400_000

/**
 * What a series usually is at each time of a cycle, as Holt-Winters' seasonal part (Winters 1960), but with slots of time
 * in place of one for each value: it costs the same for windows of 10 s and of an hour. What a slot holds is the mean of
 * its visits, with half of the weight on the last few. The level is not in it: that is followed beside it.
 */
export class Season {
  readonly #slots: number
  readonly #slotMs: number
  /** The slot now filled: its number (from 1), sum, and count. */
  readonly #at: number
  /** What each slot holds. */
  readonly #values: number
  /** Visits of each slot, four bits each. */
  readonly #visits: number

  constructor(layout: Layout, days: number, slots: number) {
    this.#slots = slots
    this.#slotMs = (days * dayMs) / slots
    this.#at = layout.floats(3)
    this.#values = layout.halves(slots)
    this.#visits = layout.words(Math.ceil(slots / 8))
  }

  /** What is usual at this time, or NaN while that is not known. Between the middles of two slots it goes straight. */
  at({ halves, words }: Cells, time: number): number {
    const place = time / this.#slotMs - 0.5
    const before = Math.floor(place)
    const left = this.#slotOf(before)
    const right = this.#slotOf(before + 1)
    if (this.#visitsOf(words, left) < enough || this.#visitsOf(words, right) < enough) return Number.NaN
    const from = halves[this.#values + left]!
    return from + (place - before) * (halves[this.#values + right]! - from)
  }

  learn(cells: Cells, time: number, value: number): void {
    const { floats } = cells
    const at = this.#at
    const slot = this.#slotOf(Math.floor(time / this.#slotMs))
    if (floats[at] !== slot + 1) {
      if (floats[at] !== 0) this.#close(cells)
      floats[at] = slot + 1
      floats[at + 1] = 0
      floats[at + 2] = 0
    }
    floats[at + 1]! += value
    floats[at + 2]! += 1
  }

  #close({ floats, halves, words }: Cells): void {
    const at = this.#at
    const slot = floats[at]! - 1
    const visits = Math.min(mostVisits, this.#visitsOf(words, slot) + 1)
    const mean = floats[at + 1]! / floats[at + 2]!
    const old = halves[this.#values + slot]!
    const value = old + (mean - old) / Math.min(visits, longMemory)
    halves[this.#values + slot] = Math.max(-most, Math.min(most, value))
    const word = this.#visits + (slot >>> 3)
    const shift = 4 * (slot & 7)
    words[word] = (words[word]! & ~(15 << shift)) | (visits << shift)
  }

  #slotOf(number: number): number {
    const rest = number % this.#slots
    return rest < 0 ? rest + this.#slots : rest
  }

  #visitsOf(words: Uint32Array, slot: number): number {
    return (words[this.#visits + (slot >>> 3)]! >>> (4 * (slot & 7))) & 15
  }
}

/** Cycles that must have been seen before anything is expected of the next. */
const enough = 2
const mostVisits = 15
/** So far from its first values no series has a season that is worth knowing. */
const most = 65_504
/** The last so many cycles have most of the weight. */
const longMemory = 5
