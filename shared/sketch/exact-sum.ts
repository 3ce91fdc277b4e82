/**
 * The sum of doubles without rounding on the way, so that it does not depend on their order: a list of partial sums
 * that do not overlap in their bits (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic", grow-expansion;
 * the rounding of the result is that of Hettinger's fsum). Mostly one or two partials long.
 */
export class ExactSum {
  readonly #partials: number[] = []
  /** Takes what has overflown: then the sum is infinite, or no number. */
  #overflow = 0

  add(value: number): void {
    const partials = this.#partials
    let x = value
    let kept = 0
    for (let i = 0; i < partials.length; i++) {
      let y = partials[i]!
      if (Math.abs(x) < Math.abs(y)) {
        const larger = y
        y = x
        x = larger
      }
      const high = x + y
      const low = y - (high - x)
      if (low !== 0) partials[kept++] = low
      x = high
    }
    partials.length = kept
    if (Number.isFinite(x)) partials.push(x)
    else {
      this.#overflow += x
      partials.length = 0
    }
  }

  merge(other: ExactSum): void {
    for (const partial of other.#partials) this.add(partial)
    if (other.#overflow !== 0) this.#overflow += other.#overflow
  }

  /** Doubles whose sum it is, for `addAll` of another. */
  get terms(): readonly number[] {
    return this.#overflow === 0 ? [...this.#partials] : [...this.#partials, this.#overflow]
  }

  addAll(terms: readonly number[]): void {
    for (const term of terms) this.add(term)
  }

  /** The double nearest to the exact sum; ties to even. */
  get value(): number {
    if (this.#overflow !== 0) return this.#overflow
    const partials = this.#partials
    let i = partials.length - 1
    if (i < 0) return 0
    let high = partials[i--]!
    let low = 0
    while (i >= 0) {
      const x = high
      const y = partials[i--]!
      high = x + y
      low = y - (high - x)
      if (low !== 0) break
    }
    // Half-way cases: what is left below decides which way to round.
    if (i >= 0 && ((low < 0 && partials[i]! < 0) || (low > 0 && partials[i]! > 0))) {
      const doubled = low * 2
      const rounded = high + doubled
      if (doubled === rounded - high) high = rounded
    }
    return high
  }
}
