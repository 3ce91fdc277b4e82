/** Slots of a new set. */
const firstSlots = 1_024

/**
 * A set of 64 bit fingerprints in a typed array: open addressing with linear probing (Knuth, The Art of Computer Programming 3, 6.4),
 * at most five eighths full, so that a search touches one or two cache lines. It grows with what is in it.
 */
export class FingerprintSet {
  /** High and low words by turns; a slot of two zeros is free. */
  #slots = new Int32Array(2 * firstSlots)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(high: number, low: number): boolean {
    const at = this.#find(high, taken(high, low))
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0
  }

  /** Whether it was not there before. */
  add(high: number, low: number): boolean {
    const word = taken(high, low)
    let at = this.#find(high, word)
    const slots = this.#slots
    if (slots[at] !== 0 || slots[at + 1] !== 0) return false
    if (16 * this.#size >= 5 * slots.length) {
      this.#grow()
      at = this.#find(high, word)
    }
    this.#slots[at] = high
    this.#slots[at + 1] = word
    this.#size++
    return true
  }

  /** Keeps its memory: what comes next will be about as much. */
  clear(): void {
    if (this.#size > 0) this.#slots.fill(0)
    this.#size = 0
  }

  /** Where it is, or where it would be. */
  #find(high: number, low: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let at = (low << 1) & mask
    while ((slots[at] !== high || slots[at + 1] !== low) && (slots[at] !== 0 || slots[at + 1] !== 0))
      at = (at + 2) & mask
    return at
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Int32Array(2 * before.length)
    for (let i = 0; i < before.length; i += 2) {
      const high = before[i]!
      const low = before[i + 1]!
      if (high === 0 && low === 0) continue
      const at = this.#find(high, low)
      this.#slots[at] = high
      this.#slots[at + 1] = low
    }
  }
}

/** Two zeros mean a free slot. */
const taken = (high: number, low: number) => (high === 0 && low === 0 ? 1 : low)
