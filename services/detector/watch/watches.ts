import type { Marker, Series, WatchState } from '../../../shared/avro/types.ts'
import { keyOf, known } from '../../../shared/series/known-series.ts'
import { type Selector, selects } from '../../../shared/series/selector.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import { calendarOf, type FreeTime, freeTimesOf } from '../calendar.ts'
import type { DetectorConfig } from '../config.ts'
import { type LimitRule, limitsOf } from '../limits/limit-rules.ts'
import type { MarkerBook } from '../markers/marker-book.ts'
import type { SeriesDetectorKind } from '../series-detector.ts'
import { isSilenceDue } from '../silence.ts'
import type { Statistic } from '../statistics.ts'
import type { SourceClock } from '../window-sources.ts'
import { Census } from './census.ts'
import { SeriesWatch, type WatchSettings } from './series-watch.ts'
import { watchSettings } from './settings.ts'
import { stateKeyOf, type WatchPlace } from './store-form.ts'

/** Of a watch: its first window, and up to which record markers are known. */
interface Beginning {
  readonly time: EventTime
  readonly offset: number
}

/** All watches of one partition: of each series one for each length of windows and statistic that it came with. */
export class Watches {
  readonly kind: SeriesDetectorKind
  /** Of the series that are watched. */
  readonly census = new Census()
  readonly #statistics: readonly Statistic[]
  readonly #settings: readonly WatchSettings[]
  readonly #missing: readonly Selector[]
  readonly #calendar: readonly FreeTime[]
  readonly #limits: readonly LimitRule[]
  readonly #limitAheadMs: number
  readonly #series = new Map<string, (SeriesWatch | undefined)[]>()
  readonly #book: MarkerBook

  constructor(
    config: DetectorConfig,
    kind: SeriesDetectorKind,
    book: MarkerBook,
    listener: Pick<WatchSettings, 'tell' | 'judged'>,
  ) {
    this.kind = kind
    this.#book = book
    this.#statistics = config.statistics
    this.#missing = config.missing
    this.#calendar = calendarOf(config.calendar)
    this.#limits = config.limits
    this.#limitAheadMs = config.limitAheadMs
    this.#settings = config.windowSizesMs.map((sizeMs) => ({
      ...watchSettings(config, kind, sizeMs),
      ...listener,
    }))
  }

  /** Of series, not of their statistics. */
  get size(): number {
    return this.#series.size
  }

  /** The number of a length among those that are watched; -1 for others. */
  levelOf(sizeMs: number): number {
    return this.#settings.findIndex((one) => one.sizeMs === sizeMs)
  }

  /** The watch of the i-th statistic in windows of a level, if there is one. */
  find(series: Series, level: number, i: number): SeriesWatch | undefined {
    return this.#series.get(keyOf(series))?.[this.#slot(level, i)]
  }

  /** Begins a watch, with a window that starts at `time`, in the record at `offset`. */
  add(series: Series, level: number, i: number, { time, offset }: Beginning): SeriesWatch {
    const watch = this.#create(known(series), level, this.#statistics[i]!, { time, offset })
    this.#put(watch, level, i)
    return watch
  }

  /**
   * Takes back a watch as it was stored, in place of what is there, before the record at `next` is read. Nothing if nobody
   * wants it any more.
   */
  restore(
    { sizeMs, statistic }: WatchPlace,
    state: WatchState,
    source: SourceClock | undefined,
    next: number,
  ): void {
    const level = this.levelOf(sizeMs)
    const i = this.#statistics.indexOf(statistic as Statistic)
    if (level < 0 || i < 0) return
    // What was told since, before that record, is not read again, and has changed nothing of this watch yet.
    const offset = Math.max(state.offset, next - 1)
    const beginning = { time: state.since, offset }
    const watch = this.#create(known(state.series), level, this.#statistics[i]!, beginning)
    watch.restore(state)
    watch.source = source
    this.#put(watch, level, i)
  }

  /**
   * Those of a source that are to be asked whether they are missing, since its watermark has come from `before` to where
   * it is, in an order that does not depend on which were restored.
   */
  silent(source: SourceClock, before: EventTime): readonly SeriesWatch[] {
    const found: SeriesWatch[] = []
    for (const watches of this.#series.values())
      for (const watch of watches)
        if (
          watch?.source === source &&
          isSilenceDue(watch.lastTime, watch.settings.sizeMs, before, source.watermark) &&
          this.#missing.some((selector) => selects(selector, watch.series))
        )
          found.push(watch)
    return inOrder(found)
  }

  /** Those that a marker may be about, in an order that does not depend on which were restored. */
  concernedBy(marker: Marker): readonly SeriesWatch[] {
    const { anomaly } = marker
    const found = anomaly
      ? (this.#series.get(keyOf(anomaly.series)) ?? []).filter(
          (watch): watch is SeriesWatch =>
            watch?.statistic === anomaly.statistic && watch.settings.sizeMs === anomaly.windowSizeMs,
        )
      : [...this.all()].filter(({ series }) => selects(marker, series))
    return inOrder(found)
  }

  /** What is known of a watch after the record at `offset`. */
  markersOf({ series, statistic, settings }: SeriesWatch, offset: number) {
    return this.#book.of({ series, statistic, sizeMs: settings.sizeMs }, offset)
  }

  *all(): Generator<SeriesWatch> {
    for (const watches of this.#series.values()) for (const watch of watches) if (watch) yield watch
  }

  delete(watch: SeriesWatch): void {
    const key = keyOf(watch.series)
    const left = this.#series.get(key)!.map((one) => (one === watch ? undefined : one))
    if (left.some(Boolean)) this.#series.set(key, left)
    else {
      this.#series.delete(key)
      this.census.remove(watch.series)
    }
  }

  #put(watch: SeriesWatch, level: number, i: number): void {
    const key = keyOf(watch.series)
    let watches = this.#series.get(key)
    if (!watches) {
      // As long as it will be: an array that grows has room for sixteen more.
      watches = new Array<SeriesWatch | undefined>(this.#settings.length * this.#statistics.length).fill(
        undefined,
      )
      this.census.add(watch.series)
    }
    watches[this.#slot(level, i)] = watch
    this.#series.set(key, watches)
  }

  #slot(level: number, i: number): number {
    return level * this.#statistics.length + i
  }

  #create(series: Series, level: number, statistic: Statistic, { time, offset }: Beginning): SeriesWatch {
    const values = limitsOf(this.#limits, series, statistic)
    const phase = hashText(`${statistic}:${keyOf(series)}`) / 2 ** 32
    const settings = this.#settings[level]!
    return new SeriesWatch(series, statistic, settings, time, {
      phase,
      freeTimes: freeTimesOf(this.#calendar, series),
      limits: values.length > 0 ? { values, aheadMs: this.#limitAheadMs } : undefined,
      markers: this.#book.of({ series, statistic, sizeMs: settings.sizeMs }, offset),
    })
  }
}

/** By their keys. */
const inOrder = (watches: readonly SeriesWatch[]): readonly SeriesWatch[] =>
  watches
    .map((watch) => ({ watch, key: keyOfWatch(watch) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ watch }) => watch)

/** The key under which a watch is stored. */
export const keyOfWatch = ({ series, statistic, settings }: SeriesWatch) =>
  stateKeyOf({ sizeMs: settings.sizeMs, statistic, seriesKey: keyOf(series) })
