/**
 * Most numbers of telemetry were written with a few decimals. Such a double is a whole number divided by a power of
 * ten, rounded once, so that the division gives it back to the last bit; in so few digits it takes two or three bytes
 * instead of eight that no compression makes smaller.
 */

const maxDecimals = 6

/** Instead of a number of decimals: the value has more of them, or too many digits, and must be kept as a double. */
export const asDouble = 7

/** So that eight times as much is still a safe integer. */
const maxDigits = 2 ** 49

const tens = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, Number.NaN]

/** The whole number that is `value` times 10^decimals, if divided by it again it gives `value`; otherwise NaN. */
export function digitsOf(value: number, decimals: number): number {
  const ten = tens[decimals]!
  const digits = Math.round(value * ten)
  const isExact = digits / ten === value && digits < maxDigits && digits > -maxDigits
  // -0 is no whole number's.
  return isExact && (digits !== 0 || 1 / value > 0) ? digits : Number.NaN
}

/** The fewest decimals with which `value` is exact, or `asDouble`. */
export function decimalsOf(value: number): number {
  for (let decimals = 0; decimals <= maxDecimals; decimals++)
    if (!Number.isNaN(digitsOf(value, decimals))) return decimals
  return asDouble
}

/** The value that has these digits. */
export const doubleOf = (digits: number, decimals: number) => digits / tens[decimals]!
