/**
 * Figures of all values but one, each in constant time after one sort: a value is compared with the others, so that it
 * is not compared with itself where they are few.
 */

/** The rank of a value in ascending ones that it is among. */
export function rankOf(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The median of all but the one of this rank; of all with -1. At least one must be left. */
export function medianWithout(sorted: Float64Array, rank: number): number {
  const left = rank < 0 ? sorted.length : sorted.length - 1
  const lower = at(sorted, rank, (left - 1) >> 1)
  const upper = at(sorted, rank, left >> 1)
  return lower + (upper - lower) / 2
}

/** The lower end of what is left when the outermost fifth is taken off on each side, of all but the one of this rank. */
export function lowerWithout(sorted: Float64Array, rank: number): number {
  return at(sorted, rank, outermost(sorted))
}

/** The upper end likewise. */
export function upperWithout(sorted: Float64Array, rank: number): number {
  return at(sorted, rank, sorted.length - 2 - outermost(sorted))
}

/** Of five others and more one is taken off on each side. */
const outermost = ({ length }: Float64Array) => Math.floor((length - 1) / 5)

const at = (sorted: Float64Array, rank: number, i: number) => sorted[rank < 0 || i < rank ? i : i + 1]!
