import type { Series, Window } from '../../shared/avro/types.ts'
import { hashText } from '../../shared/series/series.ts'
import { ExactSum } from '../../shared/sketch/exact-sum.ts'
import { QuantileSketch } from '../../shared/sketch/sketch.ts'
import type { EventTime, ResumePoint } from '../../shared/stream/task.ts'

/** A series that has windows in the store. */
export interface SeriesEntry {
  readonly series: Series
  readonly hash: number
  /** By start; a series has few at a time. */
  readonly windows: OpenWindow[]
}

export interface OpenWindow {
  readonly entry: SeriesEntry
  readonly start: EventTime
  readonly sketch: QuantileSketch
  readonly sum: ExactSum
  /** The next revision to be emitted. */
  revision: number
  /** Changed since it was emitted last. */
  dirty: boolean
}

/** All windows of one start. */
export interface Pane {
  readonly start: EventTime
  /** The record that opened it, and what the task knew before that record. */
  readonly resume: ResumePoint
  readonly windows: OpenWindow[]
  closed: boolean
}

/** The windows that still take points, by series and by start. */
export class WindowStore {
  readonly #series = new Map<string, SeriesEntry>()
  readonly #panes = new Map<EventTime, Pane>()

  /** The entry of a series, made on first sight. */
  entry(key: string, series: Series): SeriesEntry {
    let entry = this.#series.get(key)
    if (!entry) {
      entry = { series, hash: hashText(key), windows: [] }
      this.#series.set(key, entry)
    }
    return entry
  }

  /** The window of a series at `start`; `resume` says where its pane can be rebuilt from if this opens it. */
  window(entry: SeriesEntry, start: EventTime, resume: () => ResumePoint): OpenWindow {
    for (const window of entry.windows) if (window.start === start) return window
    let pane = this.#panes.get(start)
    if (!pane) {
      pane = { start, resume: resume(), windows: [], closed: false }
      this.#panes.set(start, pane)
    }
    const window: OpenWindow = {
      entry,
      start,
      sketch: new QuantileSketch(),
      sum: new ExactSum(),
      revision: 0,
      dirty: false,
    }
    entry.windows.push(window)
    pane.windows.push(window)
    return window
  }

  get paneCount(): number {
    return this.#panes.size
  }

  get seriesCount(): number {
    return this.#series.size
  }

  pane(start: EventTime): Pane | undefined {
    return this.#panes.get(start)
  }

  /** Panes that begin before `start`, oldest first. */
  panesBefore(start: EventTime): readonly Pane[] {
    const found: Pane[] = []
    for (const pane of this.#panes.values()) if (pane.start < start) found.push(pane)
    return found.sort((a, b) => a.start - b.start)
  }

  /** Forgets a pane, and each series that has no other. */
  drop(pane: Pane): void {
    this.#panes.delete(pane.start)
    for (const window of pane.windows) {
      const { windows } = window.entry
      windows.splice(windows.indexOf(window), 1)
    }
    if (this.#panes.size === 0) this.#series.clear()
    else this.#forgetIdleSeries()
  }

  /** The earliest resume point of all panes. */
  resumePoint(): ResumePoint | undefined {
    let earliest: ResumePoint | undefined
    for (const { resume } of this.#panes.values())
      if (!earliest || resume.offset < earliest.offset) earliest = resume
    return earliest
  }

  #forgetIdleSeries(): void {
    for (const [key, entry] of this.#series) if (entry.windows.length === 0) this.#series.delete(key)
  }
}

/** The record of a window as it is now. */
export function windowRecord(window: OpenWindow, sizeMs: number): Window {
  const { entry, start, sketch, revision } = window
  const sum = window.sum.value
  return {
    series: entry.series,
    start,
    sizeMs,
    stepMs: sizeMs,
    revision,
    count: sketch.count,
    sum,
    min: sketch.min,
    max: sketch.max,
    mean: sum / sketch.count,
    rate: sketch.count / (sizeMs / 1000),
    p50: sketch.quantile(0.5),
    p90: sketch.quantile(0.9),
    p95: sketch.quantile(0.95),
    p99: sketch.quantile(0.99),
    increase: null,
    numerator: null,
    denominator: null,
    sketch: sketch.toBytes(),
  }
}
