import { addExactly } from './sum.ts'
import { fromUnits, toUnits, type Units } from './units.ts'

/** The sum of doubles without rounding on the way, so that it does not depend on their order, see `addExactly`. */
export class ExactSum {
  /** The double nearest to the sum, and what is left; no longer in use when they can't hold it. */
  #high = 0
  #low = 0
  #units: Units | undefined

  add(value: number): void {
    if (this.#units !== undefined) this.#units += toUnits(value)
    else {
      sums[0] = this.#high
      sums[1] = this.#low
      if (!addExactly(sums, 0, value)) this.#units = this.#inUnits + toUnits(value)
      this.#high = sums[0]!
      this.#low = sums[1]!
    }
  }

  merge(other: ExactSum): void {
    if (other.#units !== undefined) this.#units = this.#inUnits + other.#units
    else {
      this.add(other.#high)
      this.add(other.#low)
    }
  }

  /** Doubles whose sum it is, for `addAll` of another: the same for the same sum. */
  get terms(): readonly number[] {
    if (this.#units === undefined) return [this.#high, this.#low].filter((term) => term !== 0)
    const terms: number[] = []
    let rest = this.#units
    while (rest !== 0n) {
      const term = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, fromUnits(rest)))
      terms.push(term)
      rest -= toUnits(term)
    }
    return terms
  }

  addAll(terms: readonly number[]): void {
    for (const term of terms) this.add(term)
  }

  /** The double nearest to the exact sum, ties to even; infinite beyond the largest. */
  get value(): number {
    return this.#units === undefined ? this.#high : fromUnits(this.#units)
  }

  get #inUnits(): Units {
    return this.#units ?? toUnits(this.#high) + toUnits(this.#low)
  }
}

/** Where `addExactly` works. */
const sums = new Float64Array(2)
