import type { Episode, StateBefore } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'

/** For so long after an anomaly its series can forget what it has learnt of it, milliseconds of event time. */
const confirmableMs = 3_600_000
/** And no more than of so long. */
const longestKeptMs = 86_400_000

/** Of a base, as far as it is wanted here. */
interface Base {
  readonly time: EventTime
  readonly detector: Uint8Array | undefined
  readonly open: Episode | undefined
}

/**
 * What is kept of the detector's states when `next` takes the place of `base`, and `kept` was so far: the base before episodes that
 * `next` has learnt, while they go on and for an hour after. That before the first of them, as the end of one, once it is learnt, often
 * is the beginning of another. `begins` is whether any begins between the two.
 */
export function keptBefore(
  kept: StateBefore | undefined,
  base: Base,
  next: Base,
  begins: boolean,
): StateBefore | undefined {
  const isValid = kept && next.time <= kept.until && next.time <= kept.since + longestKeptMs
  if (!isValid && !begins) return undefined
  const { since, until, detector } = isValid
    ? kept
    : { since: base.time, until: base.time, detector: base.detector ?? null }
  return { since, until: begins || next.open ? next.time + confirmableMs : until, detector }
}
