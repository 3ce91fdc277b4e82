import type { EventTime } from '../../../../shared/stream/task.ts'

export type Precision = 'ns' | 'us' | 'ms' | 's' | 'm' | 'h'

const minus = 0x2d
const plus = 0x2b
const dot = 0x2e
const zero = 0x30
const nine = 0x39

/** Powers of ten that a double holds exactly. */
const tens = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/**
 * The number written in bytes [from, to), or NaN. Up to 15 digits are read by hand: the digits as an integer, divided
 * by a power of ten, both exact, so that the one rounding is that of the division and the result is what Number()
 * gives (Clinger 1990, the fast path). Longer ones and exponents go to Number().
 */
export function parseDecimal(bytes: Buffer, from: number, to: number): number {
  let at = from
  const first = bytes[at]!
  if (first === minus || first === plus) at++
  let digits = 0
  let mantissa = 0
  let fraction = -1
  for (; at < to; at++) {
    const byte = bytes[at]!
    if (byte >= zero && byte <= nine) {
      mantissa = mantissa * 10 + (byte - zero)
      digits++
    } else if (byte === dot && fraction < 0) fraction = digits
    else return slowDecimal(bytes, from, to)
  }
  if (digits === 0) return Number.NaN
  if (digits > 15) return slowDecimal(bytes, from, to)
  const value = fraction < 0 ? mantissa : mantissa / tens[digits - fraction]!
  return first === minus ? -value : value
}

/**
 * The integer written in bytes [from, to), rounded to a double, or NaN when they are no digits behind a sign, or 64 bits
 * can't hold it; `unsigned`: 64 bits without a sign.
 */
export function parseInteger(bytes: Buffer, from: number, to: number, unsigned: boolean): number {
  const first = bytes[from]
  const signed = first === minus || first === plus
  if (first === minus && unsigned) return Number.NaN
  const start = signed ? from + 1 : from
  if (start >= to) return Number.NaN
  let value = 0
  for (let at = start; at < to; at++) {
    const byte = bytes[at]!
    if (byte < zero || byte > nine) return Number.NaN
    value = value * 10 + (byte - zero)
  }
  if (to - start > 15) value = longInteger(bytes.toString('latin1', start, to), first === minus, unsigned)
  return first === minus ? -value : value
}

/** Digits that fit into 64 bits whatever they are. */
const safeDigits = 18

function longInteger(digits: string, negative: boolean, unsigned: boolean): number {
  // Each digit more makes BigInt slower: what is longer than any 64 bits is measured without it.
  const significant = digits.length > safeDigits ? digits.replace(/^0+/, '') : digits
  if (significant.length > 20) return Number.NaN
  if (significant.length > safeDigits) {
    const limit = unsigned ? 2n ** 64n - 1n : negative ? 2n ** 63n : 2n ** 63n - 1n
    if (BigInt(significant) > limit) return Number.NaN
  }
  return Number(digits)
}

const decimal = /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/
const special = /^[-+]?(nan|inf(inity)?)$/i

function slowDecimal(bytes: Buffer, from: number, to: number): number {
  const text = bytes.toString('latin1', from, to)
  return decimal.test(text) ? Number(text) : Number.NaN
}

/** Whether the bytes spell NaN or infinity, which agents write though the protocol has no word for them. */
export const spellsNonFinite = (bytes: Buffer, from: number, to: number) =>
  special.test(bytes.toString('latin1', from, to))

const booleans: ReadonlyMap<string, number> = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((word) => [word, 1] as const),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((word) => [word, 0] as const),
])

/** 1 or 0 of a boolean, or undefined. */
export const booleanValue = (bytes: Buffer, from: number, to: number) =>
  booleans.get(bytes.toString('latin1', from, to))

/** Digits by which a timestamp is finer than milliseconds. */
const finer: Readonly<Record<Precision, number>> = { ns: 6, us: 3, ms: 0, s: 0, m: 0, h: 0 }

/** Milliseconds in a unit that is coarser than they. */
const coarser: Readonly<Record<Precision, number>> = {
  ns: 1,
  us: 1,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds of the timestamp in bytes [from, to), or NaN: the finer digits are left off, rounding towards the past. */
export function parseTime(bytes: Buffer, from: number, to: number, precision: Precision): EventTime {
  const negative = bytes[from] === minus
  const cut = finer[precision]
  let time = 0
  let below = 0
  for (let at = negative ? from + 1 : from; at < to; at++) {
    const byte = bytes[at]!
    if (byte < zero || byte > nine) return Number.NaN
    if (at < to - cut) time = time * 10 + (byte - zero)
    else below += byte - zero
  }
  if (to === from + (negative ? 1 : 0)) return Number.NaN
  time *= coarser[precision]
  return negative ? -time - (below > 0 ? 1 : 0) : time
}
