import type { Meeting } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { Heading } from '../series-detector.ts'

/** A line is not drawn further ahead than so many times what was seen of it. */
const farthest = 24
/** The last moment that a date can name. */
const lastTime = 8.64e15

/**
 * When a series meets a limit if it goes on as it does, from `time` on, when its heading was taken: the nearest limit that lies
 * ahead. The range of times is that of the slope, 95 %. Undefined when none lies ahead, or too far.
 */
export function meetingOf(
  limits: readonly number[],
  { level, perMs, margin, seenMs }: Heading,
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
  const after = (ms: number) => Math.min(lastTime, Math.round(time + ms))
  return {
    limit,
    at: after(left / pace),
    earliest: after(left / (pace + margin)),
    latest: after(left / (pace - margin)),
  }
}

/** Whether what was told of a meeting no longer holds: it is expected at a time that was ruled out then. */
export const isOtherMeeting = (told: Meeting | null, now: Meeting | null) =>
  now !== null && (told === null || now.at < told.earliest || now.at > told.latest)
