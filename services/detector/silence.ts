import type { EventTime } from '../../shared/stream/task.ts'

/** Up to so many windows that do not come each of them is looked at; after that ever fewer, or silence would cost more than data. */
const eachUpTo = 8
const growth = 1.25

/**
 * Whether it is time to ask if a series is missing, when event time has come from `before` to `now` and its last window
 * started at `lastTime`. From two windows on that have not come. A function of the log alone.
 */
export function isSilenceDue(
  lastTime: EventTime,
  sizeMs: number,
  before: EventTime,
  now: EventTime,
): boolean {
  const missed = Math.floor((now - lastTime) / sizeMs) - 1
  return missed >= 2 && looks(missed) > looks(Math.floor((before - lastTime) / sizeMs) - 1)
}

/** How often one has looked when so many windows are missed. */
const looks = (missed: number) =>
  missed <= eachUpTo
    ? Math.max(1, missed)
    : eachUpTo + Math.floor(Math.log(missed / eachUpTo) / Math.log(growth))
