import type { PeerGroupState } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'

/** A window of all members; NaN, or nothing, stands for those that have none. */
export interface GroupWindow {
  readonly start: EventTime
  readonly values: number[]
  isJudged: boolean
  /** Whether a value has changed since. */
  isStale: boolean
}

/** As it is stored. */
type GroupWindowsState = Pick<PeerGroupState, 'judgedUpTo' | 'windows'>

/** More are not kept waiting for a source that is behind. */
const maxWaiting = 1_000

/** The latest windows of a group, in order of time: those that wait to be judged, and those that members may still change. */
export class GroupWindows {
  readonly #sizeMs: number
  readonly #revisableMs: number
  #windows: GroupWindow[] = []
  #judgedUpTo: EventTime = Number.NEGATIVE_INFINITY

  constructor(sizeMs: number, revisableMs: number) {
    this.#sizeMs = sizeMs
    this.#revisableMs = revisableMs
  }

  /** Start of the latest window that was judged. */
  get judgedUpTo(): EventTime {
    return this.#judgedUpTo
  }

  /** Of what came last. */
  get lastTime(): EventTime {
    return this.#windows.at(-1)?.start ?? this.#judgedUpTo
  }

  /** The latest that was judged. */
  get latestJudged(): GroupWindow | undefined {
    return this.#windows.findLast(({ isJudged }) => isJudged)
  }

  /** Whether something is to be judged, now or when event time has come to it. */
  get isWaiting(): boolean {
    return this.#windows.some(({ isJudged, isStale }) => !isJudged || isStale)
  }

  /** Where the first window ends that waits, if too many do; undefined otherwise. */
  get overdue(): EventTime | undefined {
    if (this.#windows.length <= maxWaiting) return undefined
    const waiting = this.#windows.filter(({ isJudged }) => !isJudged)
    return waiting.length > maxWaiting ? waiting[0]!.start + this.#sizeMs : undefined
  }

  /** Whether it is too late for this window. */
  isLate(start: EventTime): boolean {
    return start < this.#judgedUpTo - this.#revisableMs
  }

  /** Puts the value of the member at `place`, NaN for none. Returns whether that has changed anything. */
  put(place: number, start: EventTime, value: number): boolean {
    const window = this.#windowAt(start)
    const { values } = window
    while (values.length <= place) values.push(Number.NaN)
    if (Object.is(values[place], value)) return false
    values[place] = value
    window.isStale = window.isJudged
    return true
  }

  /** Takes a member out of all windows. */
  clear(place: number): void {
    for (const { values } of this.#windows) if (place < values.length) values[place] = Number.NaN
  }

  /** Those that have ended by `watermark` and were not judged. */
  ended(watermark: EventTime): readonly GroupWindow[] {
    return this.#windows.filter(({ start, isJudged }) => !isJudged && start + this.#sizeMs <= watermark)
  }

  /** To be called for each of these, in their order. */
  judged(window: GroupWindow): void {
    window.isJudged = true
    this.#judgedUpTo = window.start
  }

  /** Those that have changed since they were judged. */
  takeStale(): readonly GroupWindow[] {
    const stale = this.#windows.filter(({ isStale }) => isStale)
    for (const window of stale) window.isStale = false
    return stale
  }

  /** Takes out those that start before `time`. */
  takeBefore(time: EventTime): readonly GroupWindow[] {
    const count = this.#windows.findIndex(({ start }) => start >= time)
    return this.#windows.splice(0, count < 0 ? this.#windows.length : count)
  }

  state(): GroupWindowsState {
    return {
      judgedUpTo: Number.isFinite(this.#judgedUpTo) ? this.#judgedUpTo : null,
      windows: this.#windows,
    }
  }

  /** Takes up what `state` gave. Values of members that are not there are left out. */
  restore({ windows, judgedUpTo }: GroupWindowsState, isMember: (place: number) => boolean): void {
    this.#judgedUpTo = judgedUpTo ?? Number.NEGATIVE_INFINITY
    this.#windows = windows.map(({ values, ...window }) => ({
      ...window,
      values: values.map((value, place) => (isMember(place) ? value : Number.NaN)),
    }))
  }

  /** One that is older than the latest that was judged should have been judged before: it is stale. */
  #windowAt(start: EventTime): GroupWindow {
    let i = this.#windows.length
    while (i > 0 && this.#windows[i - 1]!.start > start) i--
    const there = this.#windows[i - 1]
    if (there?.start === start) return there
    const window = { start, values: [], isJudged: start <= this.#judgedUpTo, isStale: false }
    this.#windows.splice(i, 0, window)
    return window
  }
}
