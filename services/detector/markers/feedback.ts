import type { Direction, Marker } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'

/** What a person has said of an anomaly of one watch. */
export interface Feedback {
  readonly verdict: 'expected' | 'real'
  /** Of the anomaly. */
  readonly start: EventTime
  /** null when it was not over. */
  readonly end: EventTime | null
  readonly direction: Direction
  /** Of its peak, in nats. */
  readonly surprise: number
  /** Of its peak from what was expected; null where that says nothing. */
  readonly distance: number | null
}

/** How much more than an anomaly that was expected it must be to be told again. */
const margin = 1.25
/** In nats: more than any model says. */
const highest = 2_000
/** An anomaly that was real lets ten times more windows be alarms: -ln 10. */
const lowest = -Math.LN10
/** A real anomaly that does not end is usual after so long. */
const longestMs = 86_400_000

/** Undefined for a marker that says nothing of an anomaly. */
export function feedbackOf({ kind, anomaly }: Marker): Feedback | undefined {
  if (!anomaly || (kind !== 'expected' && kind !== 'real')) return undefined
  const { start, end, direction, surprise, distance } = anomaly
  return { verdict: kind, start, end, direction, surprise, distance }
}

/**
 * How much the threshold of an alarm to one side is moved at a time, in nats; 0 when nothing was said. What was said of each
 * anomaly counts from its start, one after the other, and half of it is gone after each half-life.
 *
 * @param said in order of start
 * @param threshold the surprise that is an alarm when nothing was said, in nats
 */
export function shiftOf(
  said: readonly Feedback[],
  direction: Direction,
  time: EventTime,
  { threshold, halfLifeMs }: { readonly threshold: number; readonly halfLifeMs: number },
): number {
  let shift = 0
  let since = Number.NaN
  for (const one of said) {
    if (one.start > time) break
    if (one.direction !== direction) continue
    const left = shift === 0 ? 0 : shift * 2 ** ((since - one.start) / halfLifeMs)
    const wanted = Math.min(highest, one.surprise * margin - threshold)
    shift = one.verdict === 'real' ? lowest : Math.max(0, left, wanted)
    since = one.start
  }
  return shift === 0 ? 0 : shift * 2 ** ((since - time) / halfLifeMs)
}

/**
 * Whether a value is farther from what was expected than any that was said to be no reason for an alarm: models can be no more
 * certain than certain, so their surprise does not tell a disaster from what was expected once.
 */
export function isFarther(
  said: readonly Feedback[],
  direction: Direction,
  time: EventTime,
  distance: number,
): boolean {
  let farthest = 0
  for (const one of said) {
    if (one.start > time) break
    if (one.verdict === 'expected' && one.direction === direction)
      farthest = Math.max(farthest, one.distance ?? Number.POSITIVE_INFINITY)
  }
  return distance > farthest * margin
}

/** Whether the window that starts at `time` belongs to an anomaly that was real: then it is not learnt. `open` is the start of the one that goes on. */
export function isConfirmed(
  said: readonly Feedback[],
  time: EventTime,
  open: EventTime | undefined,
): boolean {
  for (const { verdict, start, end } of said) {
    if (verdict !== 'real' || time < start) continue
    if (end === null ? time === start || (open === start && time < start + longestMs) : time < end)
      return true
  }
  return false
}
