import type { EventTime } from '../../../../shared/stream/task.ts'
import { utc, type Zone } from './zone.ts'

/** Milliseconds from a number since 1970 in seconds, milli-, micro- or nanoseconds, told apart by size: right from 1973 to 5138. */
export function timeFromNumber(value: number): EventTime {
  const size = Math.abs(value)
  if (size < 1e11) return Math.round(value * 1_000)
  if (size < 1e14) return Math.round(value)
  if (size < 1e17) return Math.floor(value / 1e3)
  return Math.floor(value / 1e6)
}

/** Milliseconds from ISO 8601 text or a number; NaN when it is neither. */
export function timeFromJson(value: unknown): EventTime {
  if (typeof value === 'number') return timeFromNumber(value)
  return typeof value === 'string' ? timeFromIso(value) : Number.NaN
}

/** Milliseconds from ISO 8601, or from digits as `timeFromNumber` takes them; NaN when it is neither. */
export function timeFromText(text: string, zone: Zone = utc): EventTime {
  const time = timeFromIso(text, zone)
  if (!Number.isNaN(time)) return time
  return /^\d{9,19}(\.\d+)?$/.test(text) ? timeFromNumber(Number(text)) : Number.NaN
}

/** The digits at [from, from + count) as a number, or NaN. */
function digits(text: string, from: number, count: number): number {
  let value = 0
  for (let at = from; at < from + count; at++) {
    const digit = text.charCodeAt(at) - 0x30
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/**
 * Milliseconds from `2023-11-14T22:13:20.123456+01:00`: a blank may stand for the T, a slash for the hyphens, a comma
 * for the point; finer digits are left off; the offset may lack its colon or minutes, or be a Z, UTC or GMT. Without one
 * it is a time of `zone`, never of this machine. NaN when it is something else.
 */
export function timeFromIso(text: string, zone: Zone = utc): EventTime {
  const dash = text.charCodeAt(4)
  const between = text.charCodeAt(10)
  if ((dash !== hyphen && dash !== slash) || text.charCodeAt(7) !== dash) return Number.NaN
  if ((between | 0x20) !== smallT && between !== blank) return Number.NaN
  if (text.charCodeAt(13) !== colon || text.charCodeAt(16) !== colon) return Number.NaN
  const local = localTime(
    digits(text, 0, 4),
    digits(text, 5, 2),
    digits(text, 8, 2),
    digits(text, 11, 2),
    digits(text, 14, 2),
    digits(text, 17, 2),
  )
  let at = 19
  let fraction = 0
  const mark = text.charCodeAt(at)
  if (mark === point || mark === comma) {
    let unit = 100
    for (at++; ; at++) {
      const digit = text.charCodeAt(at) - zero
      if (!(digit >= 0 && digit <= 9)) break
      fraction += digit * unit
      unit = Math.floor(unit / 10)
    }
    if (at === 20) return Number.NaN
  }
  if (at === text.length) return local + fraction - zone.offsetAt(local)
  return local + fraction - offsetFrom(text, at)
}

const hyphen = 0x2d
const slash = 0x2f
const colon = 0x3a
const comma = 0x2c
const point = 0x2e
const blank = 0x20
const smallT = 0x74
const zero = 0x30

/** Milliseconds ahead of UTC that the offset at the end of the text says, from `from` on; NaN when it is none. */
export function offsetFrom(text: string, from: number): number {
  const at = text[from] === ' ' ? from + 1 : from
  const sign = text[at]
  const length = text.length - at
  if (length === 1 && (sign === 'Z' || sign === 'z')) return 0
  if (sign !== '+' && sign !== '-') {
    const name = text.slice(at)
    return name === 'UTC' || name === 'GMT' ? 0 : Number.NaN
  }
  const hasColon = text[at + 3] === ':'
  if (length !== 3 && length !== (hasColon ? 6 : 5)) return Number.NaN
  const hours = digits(text, at + 1, 2)
  const minutes = length === 3 ? 0 : digits(text, at + (hasColon ? 4 : 3), 2)
  if (!(hours < 24 && minutes < 60)) return Number.NaN
  return (sign === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

const daysIn = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** A date and time as if they were UTC, months from 1; NaN when there is no such time. Leap seconds are the next second. */
export function localTime(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  if (!(hour <= 23 && minute <= 59 && second <= 60 && day >= 1 && day <= (daysIn[month - 1] ?? 0)))
    return Number.NaN
  if (day === 29 && month === 2 && !isLeapYear(year)) return Number.NaN
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

const isLeapYear = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** 1 to 12 from the first three letters of an English month; 0 when it is none. */
export const monthOf = (name: string) => monthNames.indexOf(name.slice(0, 3).toLowerCase()) + 1

/** How far ahead of the broker's clock a time without a year may be before it belongs to the year before. */
const aheadMs = 86_400_000

/**
 * A time that was written without its year: in the latest year in which it lies no more than a day after `near`, the
 * time at which the broker took it. NaN when there is no such time in the eight years before.
 */
export function timeWithoutYear(
  [month, day, hour, minute, second]: readonly [number, number, number, number, number],
  near: EventTime,
  zone: Zone = utc,
): EventTime {
  const latest = new Date(near + aheadMs).getUTCFullYear() + 1
  for (let year = latest; year > latest - 10; year--) {
    const local = localTime(year, month, day, hour, minute, second)
    const time = local - zone.offsetAt(local)
    if (time <= near + aheadMs) return time
  }
  return Number.NaN
}
