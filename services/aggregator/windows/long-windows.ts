import type { EventTime } from '../../../shared/stream/task.ts'
import type { Aggregate, Aggregates } from './aggregate.ts'
import { type Level, startsOf } from './level.ts'
import type { Panes } from './panes.ts'
import type { LongWindow, SeriesEntry, ShortWindow } from './window.ts'

/** How windows of later levels are made of shorter ones. */
export class LongWindows {
  readonly #levels: readonly Level[]
  readonly #aggregates: Aggregates
  readonly #panes: Panes
  readonly #valueOf: (window: ShortWindow) => Aggregate

  constructor(
    levels: readonly Level[],
    aggregates: Aggregates,
    panes: Panes,
    aggregateOf: (window: ShortWindow) => Aggregate,
  ) {
    this.#levels = levels
    this.#aggregates = aggregates
    this.#panes = panes
    this.#valueOf = aggregateOf
  }

  /** Opens all windows that hold the one of this level and start, unless they are open. */
  openAround(entry: SeriesEntry, level: number, start: EventTime, watermark: EventTime): void {
    for (const parent of this.#levels[level]!.parents) {
      for (const parentStart of startsOf(this.#levels[parent]!, start)) {
        if (entry.longer.some((one) => one.level === parent && one.start === parentStart)) continue
        this.open(entry, parent, parentStart, watermark)
        this.openAround(entry, parent, parentStart, watermark)
      }
    }
  }

  open(entry: SeriesEntry, level: number, start: EventTime, watermark: EventTime): LongWindow {
    const finals = this.#aggregates.create()
    const window: LongWindow = { entry, level, start, finals, revision: 0, isEmitted: false }
    entry.longer = entry.longer.concat(window)
    this.#panes.long(level, start, watermark).windows.push(window)
    return window
  }

  /** What a window holds, as an aggregate of its own: what is final, and what its shorter windows hold that have ended. */
  sum({ entry, level, start, finals }: LongWindow, watermark: EventTime): Aggregate {
    const { sizeMs, source } = this.#levels[level]!
    const total = this.#aggregates.create()
    this.#aggregates.merge(total, finals)
    const isInside = (time: EventTime) => time >= start && time < start + sizeMs
    if (source === 0) {
      for (let window = entry.newest; window; window = window.older) {
        const hasEnded = window.pane.start + this.#levels[0]!.sizeMs <= watermark
        if (hasEnded && isInside(window.pane.start)) this.#aggregates.merge(total, this.#valueOf(window))
      }
    } else {
      for (const window of entry.longer) {
        if (window.level !== source || !isInside(window.start)) continue
        const part = this.sum(window, watermark)
        this.#aggregates.merge(total, part)
        this.#aggregates.free(part)
      }
    }
    return total
  }

  /** Merges what a window of this level held, which leaves, into those that hold it. */
  mergeUp(entry: SeriesEntry, level: number, start: EventTime, from: Aggregate): void {
    const { parents } = this.#levels[level]!
    if (parents.length === 0) return
    for (const long of entry.longer) {
      const isParent = parents.includes(long.level)
      if (isParent && start >= long.start && start < long.start + this.#levels[long.level]!.sizeMs)
        this.#aggregates.merge(long.finals, from)
    }
  }
}

/** An order that does not depend on which series was restored, and which came back with the log. */
export const inOrder = (windows: Iterable<LongWindow>): readonly LongWindow[] =>
  [...windows].sort(
    (a, b) =>
      a.level - b.level ||
      a.start - b.start ||
      a.entry.hash - b.entry.hash ||
      (a.entry.key < b.entry.key ? -1 : 1),
  )
