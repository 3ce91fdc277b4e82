import type { EventTime } from '../../../shared/stream/task.ts'
import type { Heading, Verdict } from '../series-detector.ts'
import { meetingOf } from './meeting.ts'

/** What a series must not meet, and how long ahead it is an anomaly by itself that it will. */
export interface Limits {
  readonly values: readonly number[]
  readonly aheadMs: number
}

/**
 * A verdict, with when the series meets a limit. Where that is soon, at the latest, it is an anomaly by itself, though the series may have
 * always gone that way, or be too young to know its seasons; but a line is believed for no longer than it has been seen, or each
 * morning of a daily season would meet what lies above. `models` are those of the verdict's contributions.
 */
export function foresee(
  verdict: Verdict,
  heading: Heading,
  { values, aheadMs }: Limits,
  time: EventTime,
  models: readonly string[],
): Verdict {
  const meeting = meetingOf(values, heading, time)
  if (!meeting) return verdict
  const isSoon = meeting.latest - time <= Math.min(aheadMs, heading.seenMs)
  if (!isSoon || heading.likelihood <= verdict.likelihood) return { ...verdict, meeting }
  return {
    ...verdict,
    likelihood: heading.likelihood,
    surprise: heading.surprise,
    kind: 'trend',
    isSure: true,
    contributions: models.map((model) => (model === 'trend' ? 1 : 0)),
    meeting,
  }
}
