import type { Meeting } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { Heading } from '../series-detector.ts'

/** A line is not drawn further ahead than so many times what was seen of it. */
const farthest = 24
/** 97.5 % of a normal distribution are below. */
const quantile = 1.96
/** A line that is steep against the season comes to rest sooner, one that is not would never. */
const seasonRounds = 4
/** The last moment that a date can name. */
const lastTime = 8.64e15

/**
 * When a series meets a limit if it goes on as it does, from `time` on, when its heading was taken: the nearest limit that lies
 * ahead. The range of times, 95 %, is that of the slope and of the way to come. Undefined when none lies ahead, or too far.
 */
export function meetingOf(
  limits: readonly number[],
  { level, perMs, margin, straying, seenMs, seasonAhead }: Heading,
  time: EventTime,
): Meeting | undefined {
  const pace = Math.abs(perMs)
  if (!(pace > margin)) return undefined
  let left = Infinity
  let limit = Number.NaN
  for (const one of limits) {
    const distance = perMs > 0 ? one - level : level - one
    if (!(distance > 0 && distance < left)) continue
    left = distance
    limit = one
  }
  if (!(left / pace <= farthest * seenMs)) return undefined
  const meetsAt = (slope: number) => {
    let after = left / slope
    // The season then is another one, and then the time as well.
    for (let i = 0; i < seasonRounds && time + after < lastTime; i++) {
      const ahead = seasonAhead(time + after)
      after = Math.max(0, (left - (perMs > 0 ? ahead : -ahead)) / slope)
    }
    return Math.min(lastTime, Math.round(time + after))
  }
  const at = meetsAt(pace)
  // Of the time at which a walk with drift first comes so far, which is inverse Gaussian.
  const strays = quantile * (Math.sqrt(straying) / pace) * Math.sqrt(left / pace)
  const within = (slope: number) => Math.hypot(meetsAt(slope) - at, strays)
  return {
    limit,
    at,
    earliest: Math.round(Math.max(time, at - within(pace + margin))),
    latest: Math.round(Math.min(lastTime, at + within(pace - margin))),
  }
}

/** Whether what was told of a meeting no longer holds: it is expected at a time that was ruled out then. */
export const isOtherMeeting = (told: Meeting | null, now: Meeting | null) =>
  now !== null && (told === null || now.at < told.earliest || now.at > told.latest)
