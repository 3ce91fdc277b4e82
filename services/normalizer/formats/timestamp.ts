import type { EventTime } from '../../../shared/stream/task.ts'

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
  return typeof value === 'string' ? Date.parse(value) : Number.NaN
}
