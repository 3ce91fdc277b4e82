import type { EventTime } from '../../../shared/stream/task.ts'
import type { SeriesEntry, ShortWindow } from './window.ts'

// The short windows of a series hang on each other, the one that was opened last first: most points are of it, and to
// look at each of the others is to wait for memory. An array for each series would take more room, and be made anew for
// each window.

/** The window of a series that starts there. */
export function windowAt({ newest }: SeriesEntry, start: EventTime): ShortWindow | undefined {
  let window = newest
  while (window && window.pane.start !== start) window = window.older
  return window
}

export function attach(window: ShortWindow): void {
  const { entry } = window
  const { newest } = entry
  window.older = newest
  if (newest) newest.newer = window
  entry.newest = window
  entry.windowCount++
}

export function detach(window: ShortWindow): void {
  const { entry, older, newer } = window
  if (older) older.newer = newer
  if (newer) newer.older = older
  else entry.newest = older
  window.older = undefined
  window.newer = undefined
  entry.windowCount--
}

/** The next window of the same series in time, if there is one. */
export function nextOf({ entry, pane: { start } }: ShortWindow): ShortWindow | undefined {
  let next: ShortWindow | undefined
  for (let window = entry.newest; window; window = window.older)
    if (window.pane.start > start && (!next || window.pane.start < next.pane.start)) next = window
  return next
}

/** The one before it in time. */
export function previousOf({ entry, pane: { start } }: ShortWindow): ShortWindow | undefined {
  let previous: ShortWindow | undefined
  for (let window = entry.newest; window; window = window.older)
    if (window.pane.start < start && (!previous || window.pane.start > previous.pane.start)) previous = window
  return previous
}
