import type { Series, SeriesState } from '../../../shared/avro/types.ts'
import type { EventTime, Output, ResumePoint } from '../../../shared/stream/task.ts'
import { CumulativeReadings } from '../kinds/cumulative.ts'
import type { Aggregate, Aggregates } from './aggregate.ts'
import type { WindowEmitter } from './emitter.ts'
import type { Level } from './level.ts'
import { inOrder, LongWindows } from './long-windows.ts'
import { Panes } from './panes.ts'
import type { SeriesTable } from './series-table.ts'
import { storeSeries } from './store-form.ts'
import {
  type LongWindow,
  type Moment,
  momentOf,
  type Pane,
  type SeriesEntry,
  type ShortWindow,
} from './window.ts'
import { attach, detach, windowAt } from './window-list.ts'
import { windowRecord } from './window-record.ts'

interface WindowEngineOptions {
  readonly levels: readonly Level[]
  readonly latenessMs: number
  /** A series without windows is forgotten when its last reading is older than this. */
  readonly counterGapMs: number
}

/** What differs between the task that takes points and the one that takes parts. */
interface WindowContents {
  /** Computes the aggregate of a stale window from its contents. */
  evaluate(window: ShortWindow): void
  /** A window leaves: what its contents hold elsewhere is to be given back. */
  release?(window: ShortWindow): void
  /** Windows of a pane were emitted: all of it at its end, some of it when they were revised. With these all is told up to `toldUpTo`. */
  emitted?(pane: Pane, windows: readonly ShortWindow[], toldUpTo: EventTime, out: Output): void
  /** The watermark has passed ends of short windows at which there was no pane. */
  passed?(watermark: EventTime, out: Output): void
}

/**
 * Windows in event time. A window is emitted when the watermark passes its end, and again, with a higher revision, when
 * late points change it; `latenessMs` after its end it takes no more, leaves, and is merged into the longer windows
 * that hold it. A longer window is what has been merged into it so far, and what its shorter ones, which still take
 * points, hold at the moment.
 *
 * Short windows are rebuilt from the log; what has left them is stored series by series, each as of a moment, and
 * reading the log again changes nothing of a series up to that. The log must be read again from before the first record of any
 * window that is still there, or that has left since its series was stored.
 */
export class WindowEngine {
  readonly series: SeriesTable
  readonly panes: Panes
  readonly #options: WindowEngineOptions
  readonly #levels: readonly Level[]
  readonly #aggregates: Aggregates
  readonly #emitter: WindowEmitter
  readonly #contents: WindowContents
  readonly #long: LongWindows
  #watermark: EventTime = -Infinity
  #moment: Moment = -1
  /** Short windows changed after their pane was closed. */
  #revised: ShortWindow[] = []
  /** Longer windows changed after they were emitted, or after their pane was closed. */
  readonly #changed = new Set<LongWindow>()
  /** Panes that have left, until each series has been stored since. */
  #left: { readonly index: number; readonly resume: ResumePoint }[] = []
  /** The number of the last pane whose turn to store it was; part of what the task knows before a record. */
  turn: number | undefined
  #revisions = 0
  #emittedCount = 0

  constructor(
    options: WindowEngineOptions,
    series: SeriesTable,
    aggregates: Aggregates,
    emitter: WindowEmitter,
    contents: WindowContents,
  ) {
    this.#options = options
    this.#levels = options.levels
    this.series = series
    this.panes = new Panes(options.levels, options.latenessMs)
    this.#aggregates = aggregates
    this.#emitter = emitter
    this.#contents = contents
    this.#long = new LongWindows(options.levels, aggregates, this.panes, (window) => this.valueOf(window))
  }

  get watermark(): EventTime {
    return this.#watermark
  }

  /** Since the last call: windows emitted, and revisions among them. */
  takeCounts(): { readonly emitted: number; readonly revisions: number } {
    const counts = { emitted: this.#emittedCount, revisions: this.#revisions }
    this.#emittedCount = 0
    this.#revisions = 0
    return counts
  }

  /** To be called before anything happens at this moment, with the watermark as it is then. */
  begin(moment: Moment, watermark: EventTime): void {
    this.#moment = moment
    this.#watermark = watermark
  }

  /** Points of windows that start here or earlier are late beyond help. */
  get closedUpTo(): EventTime {
    return this.#watermark - this.#options.latenessMs - this.#levels[0]!.sizeMs
  }

  /** The window of a series at `start`, made if it is not there; `resume` says where its pane can be rebuilt from. */
  window(entry: SeriesEntry, start: EventTime, resume: () => ResumePoint): ShortWindow {
    const known = windowAt(entry, start)
    if (known) return known
    const pane = this.panes.short(start) ?? this.panes.openShort(start, resume())
    const window: ShortWindow = {
      entry,
      pane,
      sketch: this.#aggregates.sketches.create(),
      increase: undefined,
      rare: undefined,
      contents: undefined,
      isStale: false,
      revision: 0,
      isDirty: false,
      older: undefined,
      newer: undefined,
    }
    attach(window)
    pane.windows.push(window)
    if (entry.isEmitted) this.#long.openAround(entry, 0, start, this.#watermark)
    return window
  }

  /** To be called for each window that takes something, once at least. */
  touch(window: ShortWindow): void {
    if (window.isDirty) return
    window.isDirty = true
    if (window.pane.start + this.#levels[0]!.sizeMs <= this.#watermark) this.#revised.push(window)
  }

  /** Emits what late points have changed. */
  emitRevised(out: Output): void {
    if (this.#revised.length === 0) return
    const revised = this.#revised
    this.#revised = []
    this.#emitShort(revised, out)
    for (const [pane, windows] of Map.groupBy(revised, (window) => window.pane))
      this.#contents.emitted?.(pane, windows, this.#watermark, out)
    this.#emitChanged(out)
  }

  /** The watermark has moved: emits the windows that have ended, and lets go those that take no more points. */
  moveTo(watermark: EventTime, out: Output): void {
    const before = this.#watermark
    this.#watermark = watermark
    const ended = this.panes.isDue(watermark) ? this.#closeAndExpire(out) : 0
    if (ended === 0 && this.hasPassedEnd(before, watermark)) this.#contents.passed?.(watermark, out)
    this.#store(out)
  }

  /** Whether a short window, had there been any, has ended between the two. */
  hasPassedEnd(before: EventTime, watermark: EventTime): boolean {
    return before > -Infinity && this.panes.indexOf(watermark) > this.panes.indexOf(before)
  }

  /** Returns how many panes of the first level have ended. */
  #closeAndExpire(out: Output): number {
    const watermark = this.#watermark
    const ended = this.panes.ended(watermark)
    for (const pane of ended) {
      pane.isClosed = true
      const windows = pane.windows.filter(({ isDirty }) => isDirty)
      this.#emitShort(windows, out)
      // After a leap several end at once, and the next one may lie before what would be too late for the watermark.
      const toldUpTo = pane === ended.at(-1) ? watermark : this.endOf(pane.start)
      this.#contents.emitted?.(pane, windows, toldUpTo, out)
    }
    this.#emitChanged(out)
    for (const pane of this.panes.longEnded(watermark)) {
      pane.isClosed = true
      for (const window of inOrder(pane.windows)) if (!window.isEmitted) this.#emitLong(window, out)
    }
    for (const pane of this.panes.takeExpired(watermark)) this.#expire(pane)
    for (const level of this.#levels.keys()) if (level > 0) this.#expireLong(level, watermark)
    this.panes.settle()
    return ended.length
  }

  /** Emits the longer windows that have not ended, as they are; whatever comes for them from now on is a revision. */
  closeEarly(out: Output): number {
    let closed = 0
    for (const pane of this.panes.allLong) {
      for (const window of inOrder(pane.windows))
        if (!window.isEmitted && this.#emitLong(window, out)) closed++
    }
    return closed
  }

  /** Whether any longer window has not been emitted yet. */
  get hasUnemitted(): boolean {
    return this.panes.allLong.some(({ windows }) => windows.some(({ isEmitted }) => !isEmitted))
  }

  /** The end of the short window that starts there. */
  endOf(start: EventTime): EventTime {
    return start + this.#levels[0]!.sizeMs
  }

  /** Where the log must be read again from; undefined when there is nothing that it could rebuild. */
  resumePoint(): ResumePoint | undefined {
    let earliest: ResumePoint | undefined
    for (const { resume } of [...this.panes.all, ...this.#left])
      if (!earliest || resume.offset < earliest.offset) earliest = resume
    return earliest
  }

  /**
   * Stores what has changed before `offset`, from which the log would be read again, though its turn has not come: where
   * nobody writes, longer windows end, or are ended early, long after the last record.
   */
  storeChanged(offset: number, out: Output): void {
    for (const entry of this.series.changedBefore(momentOf(offset)))
      if (!entry.isShared) this.#keep(entry, out)
  }

  /** Removes from the state what was forgotten before `offset`, from which the log would be read again. */
  removeForgotten(offset: number, out: Output): void {
    for (const key of this.series.bury(momentOf(offset))) out.keep(key, null)
  }

  /** Takes a series back as it was stored, before anything else happens; the log is read from `offset`. */
  restore(key: string, state: SeriesState, offset: number): void {
    const entry = this.series.restore(key, state, offset)
    for (const stored of state.windows) {
      const level = this.#levels.findIndex(
        ({ sizeMs, stepMs }) => sizeMs === stored.sizeMs && stepMs === stored.stepMs,
      )
      // The configuration no longer has such windows.
      if (level < 1) continue
      const window = this.#long.open(entry, level, stored.start, this.#watermark)
      window.revision = stored.revision
      window.isEmitted = stored.emitted
      this.#aggregates.mergeRecord(window.finals, stored.aggregate)
    }
  }

  /** The aggregate of a short window as it is now. */
  valueOf(window: ShortWindow): Aggregate {
    if (window.isStale) {
      window.isStale = false
      this.#aggregates.clear(window)
      this.#contents.evaluate(window)
    }
    return window
  }

  #emitShort(windows: readonly ShortWindow[], out: Output): void {
    const [level] = this.#levels
    for (const window of windows) {
      const { entry, revision } = window
      const { start } = window.pane
      const aggregate = this.valueOf(window)
      window.isDirty = false
      // Counted also when there is nothing to tell yet: whether there is depends on more than the log that is read again.
      window.revision++
      // Also when it is empty: half a ratio counts in the longer ones.
      this.#noteChanged(entry, start)
      // A late reading may show that the samples belong elsewhere, so a revision is told even if it is empty.
      if (this.#aggregates.isEmpty(aggregate) && revision === 0) continue
      if (entry.isEmitted) this.#emit(entry, level!, start, revision, aggregate, out)
    }
  }

  /** A short window was emitted: so must be, again, the longer ones that hold it and were emitted without it. */
  #noteChanged(entry: SeriesEntry, start: EventTime): void {
    for (const long of entry.longer) {
      const { sizeMs } = this.#levels[long.level]!
      if (start < long.start || start >= long.start + sizeMs) continue
      if (long.isEmitted || this.panes.long(long.level, long.start, this.#watermark).isClosed)
        this.#changed.add(long)
    }
  }

  #emitChanged(out: Output): void {
    if (this.#changed.size === 0) return
    for (const window of inOrder(this.#changed)) this.#emitLong(window, out)
    this.#changed.clear()
  }

  /** Whether there was anything to emit. */
  #emitLong(window: LongWindow, out: Output): boolean {
    const { entry, level, start } = window
    // What happened up to there is in the restored window already, and in the output.
    if (this.#moment <= entry.restoredAt) return false
    const total = this.#long.sum(window, this.#watermark)
    const isToBeTold = window.isEmitted || !this.#aggregates.isEmpty(total)
    if (isToBeTold) {
      if (window.isEmitted) window.revision++
      window.isEmitted = true
      this.series.noteChange(entry, this.#moment)
      this.#emit(entry, this.#levels[level]!, start, window.revision, total, out)
    }
    this.#aggregates.free(total)
    return isToBeTold
  }

  #emit(
    { series, hash }: { readonly series: Series; readonly hash: number },
    level: Level,
    start: EventTime,
    revision: number,
    aggregate: Aggregate,
    out: Output,
  ): void {
    if (out.isDiscarded) return
    this.#emittedCount++
    if (revision > 0) this.#revisions++
    this.#emitter.add(hash, windowRecord(series, level, start, revision, aggregate, this.#aggregates), out)
  }

  /** A pane takes no more points: what its windows hold is final. */
  #expire(pane: Pane): void {
    const { start } = pane
    for (const window of pane.windows) {
      const { entry } = window
      if (this.#moment > entry.restoredAt) {
        this.#long.mergeUp(entry, 0, start, this.valueOf(window))
        if (window.contents instanceof CumulativeReadings) {
          const { last } = window.contents
          if (!entry.lastReading || last.time >= entry.lastReading.time) entry.lastReading = last
        }
        this.series.noteChange(entry, this.#moment)
      }
      detach(window)
      this.#contents.release?.(window)
      this.#aggregates.free(window)
    }
    this.#left.push({ index: this.panes.indexOf(pane.start), resume: pane.resume })
  }

  #expireLong(level: number, watermark: EventTime): void {
    for (const pane of this.panes.takeLongExpired(level, watermark)) {
      for (const window of pane.windows) {
        const { entry, start, finals } = window
        if (this.#moment > entry.restoredAt) {
          this.#long.mergeUp(entry, level, start, finals)
          this.series.noteChange(entry, this.#moment)
        }
        entry.longer = without(entry.longer, window)
        this.#aggregates.free(finals)
      }
    }
  }

  /**
   * Each time a pane leaves, or would if there were one, one slot has its turn: its changed series are stored, its idle
   * ones forgotten. That depends on the watermark alone, so all turns come again at the same moments.
   */
  #store(out: Output): void {
    const last = this.panes.indexOf(this.closedUpTo)
    if (last === -Infinity || last === this.turn) return
    const slots = this.series.slotCount
    const first = Math.max((this.turn ?? -Infinity) + 1, last - slots + 1)
    for (let turn = first; turn <= last; turn++) {
      for (const entry of this.series.takeTurn(((turn % slots) + slots) % slots))
        this.#storeOrForget(entry, out)
    }
    this.turn = last
    // One turn more than there are slots: a series of the turn's own slot may have changed after its turn.
    this.#left = this.#left.filter(({ index }) => index + slots > last)
  }

  #storeOrForget(entry: SeriesEntry, out: Output): void {
    if (this.#moment <= entry.restoredAt) {
      this.series.endAgain(entry, this.#moment)
      return
    }
    const isIdle = entry.windowCount === 0 && entry.longer.length === 0 && this.#isReadingOld(entry)
    if (isIdle) this.series.forget(entry, this.#moment)
    // Also when it has nothing left, or is forgotten: where the log is read again, nobody else would know how long it was alive.
    if (!entry.isShared && (entry.changedAt !== undefined || !entry.isStored)) this.#keep(entry, out)
  }

  #keep(entry: SeriesEntry, out: Output): void {
    out.keep(entry.key, storeSeries(entry, this.#levels, this.#aggregates, this.#moment))
    entry.changedAt = undefined
    entry.isStored = true
  }

  #isReadingOld({ lastReading }: SeriesEntry): boolean {
    const { counterGapMs } = this.#options
    return !lastReading || lastReading.time + counterGapMs < this.closedUpTo
  }
}

function without<T>(all: readonly T[], gone: T): readonly T[] {
  return all.length === 1 ? nothing : all.toSpliced(all.indexOf(gone), 1)
}

/** Shared by all series that have none. */
const nothing: readonly never[] = []
