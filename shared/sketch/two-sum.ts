/** Two doubles hold a sum below this, so that adding can't overflow on the way. */
const largest = 1e307

/**
 * Adds a value to the sum of the two doubles at `at`, which stays exact and has the larger part first, by Knuth's
 * error-free sum of two. Returns false, and changes nothing, when two doubles can't hold it, or the first one is NaN.
 */
export function addExactly(sums: Float64Array, at: number, value: number): boolean {
  const high = sums[at]!
  const low = sums[at + 1]!
  const sum = high + value
  const sumPart = sum - high
  const error = high - (sum - sumPart) + (value - sumPart)
  const rest = low + error
  const restPart = rest - low
  const lost = low - (rest - restPart) + (error - restPart)
  if (!(lost === 0 && Math.abs(sum) < largest && Math.abs(value) < largest)) return false
  const total = sum + rest
  const totalPart = total - sum
  sums[at] = total
  sums[at + 1] = sum - (total - totalPart) + (rest - totalPart)
  return true
}

const float = new Float64Array(1)
const integer = new BigUint64Array(float.buffer)
const lower27Bits = 2n ** 27n - 1n

/**
 * The product of a value and a whole number below 2^45 as a sum of four exact ones: of the halves of both, which have 26
 * or 27 bits and 22 or 23.
 */
export function exactProducts(value: number, weight: number, into: Float64Array): void {
  float[0] = value
  integer[0]! &= ~lower27Bits
  const upper = float[0]!
  const lower = value - upper
  const few = weight % 2 ** 23
  const many = weight - few
  into[0] = upper * many
  into[1] = upper * few
  into[2] = lower * many
  into[3] = lower * few
}
