import type { Episode, Peak } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { Verdict } from '../series-detector.ts'

/** A window that was judged, or one that did not come. */
export interface Judged {
  /** Start of the window. */
  readonly time: EventTime
  /** Of one that did not come, that of the last one. */
  readonly value: number
  readonly isSilent: boolean
  readonly verdict: Verdict | undefined
  /** Whether the verdict is reason enough for an alarm. */
  readonly isAlarm: boolean
}

/** Whether this window ends the cool-down of an open episode. Silence since the last alarm does not: it goes on. */
export const isOver = (open: Episode, { time, isAlarm, isSilent }: Judged, cooldownMs: number) =>
  time >= open.last + cooldownMs && !(isAlarm && isSilent)

/** The first alarm of an episode. `since` is where it began. */
export const opened = (judged: Judged, since: EventTime): Episode => ({
  start: since,
  last: judged.time,
  windows: 1,
  isSilent: judged.isSilent,
  closedAt: null,
  peak: peakOf(judged),
  meeting: judged.verdict!.meeting ?? null,
})

/** An open episode after one more alarm. */
export function extended(open: Episode, judged: Judged): Episode {
  const { peak } = open
  const { score, likelihood } = judged.verdict!
  const isHigher = likelihood > peak.likelihood || (likelihood === peak.likelihood && score > peak.score)
  return {
    ...open,
    last: judged.time,
    windows: open.windows + 1,
    isSilent: judged.isSilent,
    peak: isHigher ? peakOf(judged) : peak,
    meeting: judged.verdict!.meeting ?? null,
  }
}

/** The series is back: it was away until this window. */
export const returned = (open: Episode, time: EventTime, sizeMs: number): Episode => ({
  ...open,
  last: Math.max(open.last, time - sizeMs),
  isSilent: false,
})

export const closed = (open: Episode, time: EventTime): Episode => ({ ...open, closedAt: time })

function peakOf({ time, value, verdict }: Judged): Peak {
  const { score, likelihood, surprise, expected, lower, upper, kind, contributions } = verdict!
  return {
    time,
    value,
    score,
    likelihood,
    surprise,
    expected,
    lower,
    upper,
    kind,
    shares: [...contributions],
  }
}
