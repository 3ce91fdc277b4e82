import { toUnits, type Units } from './units.ts'

/**
 * A sum without rounding on the way, so that it does not depend on the order: of two doubles, the first the nearest to
 * it. What they can't hold (values more than 10^15 times apart, or near the largest double) goes to whole units of
 * 2^-1074; then the first is NaN.
 */

/** Two doubles hold a sum below this, so that adding can't overflow on the way. */
const largest = 1e307

/** Adds to the two doubles at `at`, by Knuth's error-free sum of two. Returns false, and changes nothing, when they can't hold it. */
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

/** Adds units to the two doubles at `at`, or to the units that they have become. Returns what they are now. */
export function addUnits(sums: Float64Array, at: number, units: Units | undefined, more: Units): Units {
  const held = units ?? toUnits(sums[at]!) + toUnits(sums[at + 1]!)
  sums[at] = Number.NaN
  sums[at + 1] = 0
  return held + more
}

/** Adds value · weight, a whole number below 2^45. Returns the units, if the sum is in them now. */
export function addWeighted(
  sums: Float64Array,
  at: number,
  units: Units | undefined,
  value: number,
  weight: number,
): Units | undefined {
  if (weight === 1 && addExactly(sums, at, value)) return undefined
  if (Math.abs(value) * weight > largest) return addUnits(sums, at, units, toUnits(value) * BigInt(weight))
  let held = units
  splitProduct(value, weight)
  for (const part of parts) if (!addExactly(sums, at, part)) held = addUnits(sums, at, held, toUnits(part))
  return held
}

const parts = new Float64Array(4)
const float = new Float64Array(1)
const integer = new BigUint64Array(float.buffer)
const lower27Bits = 2n ** 27n - 1n

/** The product as four exact ones: of the halves of both, which have 26 and 27 bits, and 22 and 23. */
function splitProduct(value: number, weight: number): void {
  float[0] = value
  integer[0]! &= ~lower27Bits
  const upper = float[0]!
  const lower = value - upper
  const few = weight % 2 ** 23
  const many = weight - few
  parts[0] = upper * many
  parts[1] = upper * few
  parts[2] = lower * many
  parts[3] = lower * few
}
