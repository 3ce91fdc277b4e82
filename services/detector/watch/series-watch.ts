import type {
  AnomalyState,
  Episode,
  Series,
  StateBefore,
  ToldEpisode,
  WatchState,
} from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { FreeTime } from '../calendar.ts'
import { closed, extended, isOver, type Judged, opened, returned } from '../episodes/episode.ts'
import { newsOf, nextTold } from '../episodes/news.ts'
import type { Rarities } from '../episodes/severity.ts'
import { foresee, type Limits } from '../limits/foresee.ts'
import type { WatchMarkers } from '../markers/marker-book.ts'
import type { SeriesDetector, SeriesDetectorKind, Verdict } from '../series-detector.ts'
import type { SourceClock } from '../window-sources.ts'
import { keptBefore } from './before.ts'
import { Known } from './known.ts'
import { type Beside, nothingBeside, RecentWindows } from './recent-windows.ts'

/** What all watches of windows of one length have in common. */
export interface WatchSettings {
  readonly kind: SeriesDetectorKind
  readonly rarities: Rarities
  /** After which half of what a person has said of an anomaly is forgotten. */
  readonly feedbackHalfLifeMs: number
  readonly sizeMs: number
  /** An episode is over when so much event time has passed since its last alarm. */
  readonly cooldownMs: number
  /** Windows that start less than this before the latest one may be revised. */
  readonly revisableMs: number
  /** How much event time is between two moves of the base, at least twice `revisableMs`. */
  readonly baseIntervalMs: number
  /** How many numbers stand beside the value of a window: none by default. */
  readonly beside?: number
  /** A window was judged; `isCorrection` when it had been judged otherwise before. Absent when nobody wants to know. */
  judged?(watch: SeriesWatch, time: EventTime, verdict: Verdict, isCorrection: boolean): void
  /** There is something to tell of an episode. */
  tell(watch: SeriesWatch, told: ToldEpisode, time: EventTime): void
}

/** What is a series' own. */
interface WatchTraits {
  /** In [0, 1): spreads the work on bases over time. */
  readonly phase: number
  /** In which nothing is an anomaly, and nothing is learnt: those of the calendar. */
  readonly freeTimes: readonly FreeTime[]
  /** What it must not meet, if anything. */
  readonly limits: Limits | undefined
  /** What is known beside the calendar. */
  readonly markers: WatchMarkers
}

/** The state before all windows that may still be revised. */
interface Base {
  /** All windows that start before are in it. */
  readonly time: EventTime
  /** Of the detector; undefined before its first window. */
  readonly detector: Uint8Array | undefined
  readonly open: Episode | undefined
  readonly lastTime: EventTime
  readonly lastValue: number
}

/** A window as it is shown; NaN when it has no value after all. */
export interface Shown {
  readonly time: EventTime
  readonly value: number
  readonly beside: Beside
}

/** What became of a window. `late` is too late to be judged. */
export type Outcome = 'judged' | 'revised' | 'same' | 'late'

/**
 * Watches one statistic of one series. Windows come mostly in order, and are judged and learnt as they come. One that
 * is revised, or comes late, changes what came after it as well: then all is done again from the base, which is the
 * state before the windows that may still be revised, and what was told is set right. So what is known at last is the same as
 * if each window had come once, in order, with its last value.
 */
export class SeriesWatch {
  readonly series: Series
  readonly statistic: string
  readonly settings: WatchSettings
  /** Whose watermark says whether anything of this series is missing. */
  source: SourceClock | undefined
  /** Offset of the last record that is in a state that was read back: reading it again changes nothing. */
  knownUpTo = -1
  /** Set when the base has moved: a good moment to store the state. */
  hasNewBase = false
  /** Set when `tellNews` may have something to say. */
  hasNews = false
  #newsTime: EventTime = Number.NaN
  readonly #limits: Limits | undefined
  readonly #known: Known
  readonly #phaseMs: number
  #detector: SeriesDetector
  #base: Base
  /** The detector before the latest episodes that the base has learnt, while these may be confirmed. */
  #before: StateBefore | undefined
  /** The next base, as soon as its time has come. */
  #nextBase: Base | undefined
  #nextBaseTime: EventTime
  #recent: RecentWindows
  #lastTime: EventTime
  #lastValue: number
  /** Those that begin or are open from the base on, in order of time; only the last one may be open. */
  #episodes: readonly Episode[] = []
  #told: readonly ToldEpisode[] = []

  constructor(
    series: Series,
    statistic: string,
    settings: WatchSettings,
    firstTime: EventTime,
    { phase, freeTimes, limits, markers }: WatchTraits,
  ) {
    this.series = series
    this.statistic = statistic
    this.settings = settings
    this.#limits = limits
    this.#known = new Known(settings, freeTimes, markers)
    this.#phaseMs = Math.floor(phase * settings.baseIntervalMs)
    this.#detector = settings.kind.create(settings.sizeMs)
    this.#recent = new RecentWindows([], [], [], settings.beside)
    this.#base = {
      time: firstTime,
      detector: undefined,
      open: undefined,
      lastTime: Number.NaN,
      lastValue: Number.NaN,
    }
    this.#lastTime = Number.NaN
    this.#lastValue = Number.NaN
    this.#nextBaseTime = this.#boundaryAfter(firstTime)
  }

  /** Start of the latest window; NaN before the first one. */
  get lastTime(): EventTime {
    return this.#lastTime
  }

  get openEpisode(): Episode | undefined {
    const last = this.#episodes.at(-1)
    return last?.closedAt === null ? last : undefined
  }

  /** Takes the value of a window, which is finite, or that it has none after all (NaN), and what stands beside it. */
  observe(time: EventTime, value: number, beside: Beside = nothingBeside): Outcome {
    if (time < this.#base.time) return 'late'
    const isNext = !(time <= this.#lastTime) && !this.#isBeforeSilence(time)
    if (!isNext) return this.correct([{ time, value, beside }]) ? 'revised' : 'same'
    if (Number.isNaN(value)) return 'same'
    this.#moveBase(time)
    this.#recent.push(time, value, beside)
    const verdict = this.#learn(time, value, beside)
    this.settings.judged?.(this, time, verdict, false)
    if (this.#told.length > 0 || this.#episodes.length > 0) this.#mayHaveNews(time)
    return 'judged'
  }

  /** Puts windows right that have been shown, or should have been, all at once. Returns whether that has changed anything. */
  correct(windows: readonly Shown[]): boolean {
    let first = Number.POSITIVE_INFINITY
    let last = Number.NEGATIVE_INFINITY
    for (const { time, value, beside } of windows) {
      if (time < this.#base.time || !this.#recent.put(time, value, beside)) continue
      first = Math.min(first, time)
      last = Math.max(last, time)
    }
    if (last === Number.NEGATIVE_INFINITY) return false
    this.#replay(first)
    this.#mayHaveNews(last)
    return true
  }

  /** Event time has come to `time`, and nothing of this series with it. Returns whether that has changed anything. */
  beSilent(time: EventTime): boolean {
    const open = this.openEpisode
    const verdict = this.#detector.silence(time)
    const isAlarm = this.#known.isAlarm(verdict, this.#lastMissed(time), Number.NaN)
    if (!isAlarm && !(open && time >= open.last + this.settings.cooldownMs)) return false
    this.#moveBase(time)
    this.#recent.push(time, Number.NaN)
    this.#follow(time, Number.NaN, verdict)
    this.#mayHaveNews(time)
    return true
  }

  /** Nothing comes of this series any more: what is open is closed. */
  end(time: EventTime): void {
    const open = this.openEpisode
    if (!open) return
    this.#replaceLast(closed(open, time))
    this.#mayHaveNews(time)
    this.tellNews()
  }

  /** What is known from now on. What was judged already is left as it is, see `remark`. */
  know(markers: WatchMarkers): void {
    this.#known.take(markers)
  }

  /**
   * Takes what is known now of the time between two moments, and judges anew what lies there and after, as far back as that may
   * still change. Returns whether there was anything.
   */
  remark(markers: WatchMarkers, from: EventTime, to: EventTime): boolean {
    this.know(markers)
    const { sizeMs } = this.settings
    const last = this.#recent.length - 1
    if (last < 0 || this.#recent.time(last) + sizeMs <= from || this.#base.time >= to) return false
    this.#replay(from - sizeMs + 1)
    this.#mayHaveNews(this.#recent.time(last))
    return true
  }

  /**
   * The anomaly that began at `start` was real: what was learnt since before it is forgotten, if that is still known. Returns
   * whether it was.
   */
  forget(start: EventTime): boolean {
    if (!this.#before || start < this.#before.since || start >= this.#base.time) return false
    const { kind, sizeMs } = this.settings
    const { lastTime, lastValue } = this.#base
    const bytes = this.#before.detector
    const detector = bytes ? kind.decode(bytes) : kind.create(sizeMs)
    // Shown but not learnt, so that the time in between is no pause of the series.
    if (!Number.isNaN(lastTime)) detector.observe(lastTime, lastValue, true)
    this.#base = { ...this.#base, detector: detector.encode() }
    this.#before = undefined
    this.#replay(this.#base.time)
    this.#mayHaveNews(this.#recent.length > 0 ? this.#recent.time(this.#recent.length - 1) : this.#base.time)
    return true
  }

  /** All of it, as of the record at `offset`. */
  state(offset: number): WatchState {
    const { time, detector, open, lastTime, lastValue } = this.#base
    return {
      series: this.series,
      offset,
      source: this.source?.name ?? null,
      model: this.settings.kind.name,
      detector: detector ?? null,
      since: time,
      lastTime: Number.isNaN(lastTime) ? null : lastTime,
      lastValue,
      open: open ?? null,
      times: this.#recent.times(),
      values: this.#recent.values(),
      told: this.#told,
      before: this.#before ?? null,
    }
  }

  /** What stands beside the values of `state`, of one window after the other. */
  get besides(): readonly number[] {
    return this.#recent.besides()
  }

  /** Takes up what `state` and `besides` gave. Throws BadRecordError when the detector can't read its part. */
  restore(state: WatchState, besides: readonly number[] = []): void {
    this.#base = {
      time: state.since,
      detector: state.detector ?? undefined,
      open: state.open ?? undefined,
      lastTime: state.lastTime ?? Number.NaN,
      lastValue: state.lastValue,
    }
    this.#recent = new RecentWindows(state.times, state.values, besides, this.settings.beside)
    this.#told = state.told
    this.#before = state.before ?? undefined
    this.knownUpTo = state.offset
    this.#replay()
  }

  /** Whether it was said of a later time that nothing had come. */
  #isBeforeSilence(time: EventTime): boolean {
    const { length } = this.#recent
    return length > 0 && this.#recent.time(length - 1) > time
  }

  /** From the base on again, with all windows as they are now. Those from `changedFrom` on may be judged otherwise than before. */
  #replay(changedFrom = Number.POSITIVE_INFINITY): void {
    const { kind, sizeMs, judged } = this.settings
    const { detector, open, lastTime, lastValue } = this.#base
    this.#detector = detector ? kind.decode(detector) : kind.create(sizeMs)
    this.#episodes = open ? [open] : []
    this.#lastTime = lastTime
    this.#lastValue = lastValue
    this.#nextBase = undefined
    this.#nextBaseTime = this.#boundaryAfter(this.#base.time)
    for (let i = 0; i < this.#recent.length; i++) {
      const [time, value] = [this.#recent.time(i), this.#recent.value(i)]
      if (time >= this.#nextBaseTime) this.#prepareBase()
      if (Number.isNaN(value)) this.#follow(time, value, this.#detector.silence(time))
      else {
        const verdict = this.#learn(time, value, this.#recent.beside(i))
        if (time >= changedFrom) judged?.(this, time, verdict, true)
      }
    }
  }

  #learn(time: EventTime, value: number, beside: Beside): Verdict {
    const open = this.openEpisode
    const verdict = this.#judge(time, value, beside, open)
    const isAlarm = this.#known.isAlarm(verdict, time, value)
    if (open?.isSilent) this.#replaceLast(returned(open, time, this.settings.sizeMs))
    if (open || isAlarm) this.#follow(time, value, verdict)
    this.#lastTime = time
    this.#lastValue = value
    return verdict
  }

  #judge(time: EventTime, value: number, beside: Beside, open: Episode | undefined): Verdict {
    const verdict = this.#detector.observe(time, value, this.#known.isExcluded(time, open), beside)
    const heading = this.#limits && this.#detector.heading?.()
    return heading ? foresee(verdict, heading, this.#limits!, time, this.settings.kind.models) : verdict
  }

  /** Whether nothing of the window that starts at `time` is an anomaly. */
  isFree(time: EventTime): boolean {
    return this.#known.isFree(time)
  }

  #follow(time: EventTime, value: number, verdict: Verdict | undefined): void {
    const { sizeMs, cooldownMs } = this.settings
    const isSilent = Number.isNaN(value)
    const isAlarm = this.#known.isAlarm(verdict, isSilent ? this.#lastMissed(time) : time, value)
    const judged: Judged = isSilent
      ? { time: this.#lastMissed(time), value: this.#lastValue, isSilent, verdict, isAlarm }
      : { time, value, isSilent, verdict, isAlarm }
    let open = this.openEpisode
    if (open && isOver(open, judged, cooldownMs)) {
      this.#replaceLast(closed(open, time))
      open = undefined
    }
    if (!isAlarm) return
    if (open) this.#replaceLast(extended(open, judged))
    else this.#episodes = [...this.#episodes, opened(judged, isSilent ? this.#lastTime + sizeMs : time)]
  }

  /** Start of the last window that should have come by `time`. */
  #lastMissed(time: EventTime): EventTime {
    const { sizeMs } = this.settings
    return this.#lastTime + (Math.floor((time - this.#lastTime) / sizeMs) - 1) * sizeMs
  }

  #replaceLast(episode: Episode): void {
    this.#episodes = [...this.#episodes.slice(0, -1), episode]
  }

  #mayHaveNews(time: EventTime): void {
    this.#newsTime = this.hasNews ? Math.max(this.#newsTime, time) : time
    this.hasNews = true
  }

  /** Tells what differs from what was told: to be called when all of a record has been shown, lest what it puts right is told in between. */
  tellNews(): void {
    this.hasNews = false
    const { rarities, tell } = this.settings
    for (const episode of this.#episodes) {
      const told = this.#told.find((one) => one.episode.start === episode.start)
      const news = newsOf(episode, told, rarities)
      if (news) this.#say(episode, news, told, tell)
    }
    for (const told of this.#told) {
      if (told.state === 'withdrawn' || this.#episodes.some(({ start }) => start === told.episode.start))
        continue
      this.#say(told.episode, 'withdrawn', told, tell)
    }
  }

  #say(
    episode: Episode,
    state: AnomalyState,
    before: ToldEpisode | undefined,
    tell: WatchSettings['tell'],
  ): void {
    const told = nextTold(episode, state, before)
    this.#told = [...this.#told.filter((one) => one !== before), told]
    tell(this, told, this.#newsTime)
  }

  #boundaryAfter(time: EventTime): EventTime {
    const { baseIntervalMs } = this.settings
    return (Math.floor((time - this.#phaseMs) / baseIntervalMs) + 1) * baseIntervalMs + this.#phaseMs
  }

  /**
   * When a window starts at `time`: the next base is taken at its time, and becomes the base when no window before it may
   * be revised. The interval is at least twice as long as that, so that there is never more than one next base.
   */
  #moveBase(time: EventTime): void {
    const { revisableMs, baseIntervalMs } = this.settings
    while (time >= this.#nextBaseTime) {
      if (!this.#nextBase) {
        // After a long pause, at once the last one that is due.
        const due = this.#boundaryAfter(time - revisableMs) - baseIntervalMs
        this.#nextBaseTime = Math.max(this.#nextBaseTime, due)
        this.#prepareBase()
      }
      if (time < this.#nextBaseTime + revisableMs) return
      // What the base leaves behind is not known any more afterwards.
      if (this.hasNews) this.tellNews()
      const [base, next] = [this.#base, this.#nextBase!]
      this.#before = keptBefore(this.#before, base, next, this.#beginsBetween(base, next))
      this.#base = next
      this.#nextBase = undefined
      this.#nextBaseTime = this.#boundaryAfter(this.#base.time)
      this.#recent.dropFirst(this.#recent.countBefore(this.#base.time))
      this.#forgetBefore(this.#base)
      this.hasNewBase = true
    }
  }

  /** Whether an episode has begun that the next base has learnt and the base has not. */
  #beginsBetween(base: Base, next: Base): boolean {
    return this.#episodes.some(({ start }) => start >= base.time && start < next.time)
  }

  #prepareBase(): void {
    this.#nextBase ??= {
      time: this.#nextBaseTime,
      detector: this.#detector.encode(),
      open: this.openEpisode,
      lastTime: this.#lastTime,
      lastValue: this.#lastValue,
    }
  }

  /** Episodes that can't change any more. */
  #forgetBefore({ time }: Base): void {
    if (this.#episodes.length === 0 && this.#told.length === 0) return
    this.#episodes = this.#episodes.filter(({ closedAt }) => closedAt === null || closedAt >= time)
    this.#told = this.#told.filter(
      ({ state, episode }) =>
        this.#episodes.some(({ start }) => start === episode.start) ||
        (state === 'withdrawn' && episode.last >= time),
    )
  }
}
