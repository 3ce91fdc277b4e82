import { BadRecordError } from '../../../../shared/errors.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import { isLong, numberOfLong } from '../../protobuf/long.ts'

/** Well-formed text; empty when it is not there. Throws BadRecordError when it is no text. */
export function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value.toWellFormed()
  if (value === undefined || value === null) return ''
  throw new BadRecordError('unparseable', `${what} is not a text`)
}

const decimal = /^-?\d{1,20}$/

/** An integer from Long, number or decimal text, rounded beyond 2^53; 0 when it is not there. Throws BadRecordError when it is none. */
export function integerOf(value: unknown, what: string): number {
  if (isLong(value)) return numberOfLong(value)
  if (value === undefined || value === null) return 0
  const number = typeof value === 'string' && decimal.test(value) ? Number(value) : value
  if (Number.isInteger(number)) return number as number
  throw new BadRecordError('unparseable', `${what} is not an integer`)
}

/** A double, perhaps not finite; JSON spells those as texts. Throws BadRecordError when it is none. */
export function doubleOf(value: unknown, what: string): number {
  if (typeof value === 'number') return value
  if (value === 'NaN') return Number.NaN
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN
  if (!Number.isNaN(number)) return number
  throw new BadRecordError('unparseable', `${what} is not a number`)
}

/** The number of an enum's value, from number or name; 0 when it is not there, -1 for a name that is not known. */
export function enumOf(value: unknown, prefix: string, names: readonly string[]): number {
  if (typeof value !== 'string') return typeof value === 'number' ? value : 0
  return names.indexOf(value.replace(prefix, ''))
}

const digits = /^\d{1,20}$/

/** Milliseconds since 1970, rounded down, from nanoseconds; 0 when they are not there, NaN when they are no time. */
export function millisOf(nanoseconds: unknown): EventTime {
  if (isLong(nanoseconds)) {
    // 2^32 is 4,294 million and 967,296.
    const high = nanoseconds.high >>> 0
    return high * 4_294 + Math.floor((high * 967_296 + (nanoseconds.low >>> 0)) / 1e6)
  }
  if (nanoseconds === undefined || nanoseconds === null) return 0
  if (typeof nanoseconds === 'string' && digits.test(nanoseconds)) return Number(nanoseconds.slice(0, -6))
  return typeof nanoseconds === 'number' && nanoseconds >= 0 ? Math.floor(nanoseconds / 1e6) : Number.NaN
}

/** Like `millisOf`, or the other time when this one is not there. */
export function timeOr(nanoseconds: unknown, otherwise: EventTime): EventTime {
  const time = millisOf(nanoseconds)
  return time === 0 ? otherwise : time
}

/** What the same time is later than its milliseconds: 0 to 999,999 nanoseconds. */
export function restOf(nanoseconds: unknown): number {
  if (isLong(nanoseconds)) return ((nanoseconds.high >>> 0) * 967_296 + (nanoseconds.low >>> 0)) % 1e6
  if (typeof nanoseconds === 'string' && digits.test(nanoseconds)) return Number(nanoseconds.slice(-6))
  return typeof nanoseconds === 'number' && nanoseconds >= 0 ? Math.floor(nanoseconds % 1e6) : 0
}

const hexadecimal = /^[0-9a-f]*$/i
const zeros = '0'.repeat(32)

/** An id of so many bytes in lower-case hexadecimal digits; null when it is not there, all zeros, or no such id. */
export function idOf(value: unknown, bytes: number): string | null {
  let digits: string
  if (Buffer.isBuffer(value)) digits = value.toString('hex')
  else if (typeof value === 'string' && hexadecimal.test(value)) digits = value.toLowerCase()
  else return null
  return digits.length === 2 * bytes && !zeros.startsWith(digits) ? digits : null
}
