import type { PeerGroupState, PeerMemberState, Series } from '../../../shared/avro/types.ts'
import { keyOf, known } from '../../../shared/series/known-series.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import { type FreeTime, freeTimesOf } from '../calendar.ts'
import { noMarkers } from '../markers/marker-book.ts'
import { SeriesWatch, type Shown, type WatchSettings } from '../watch/series-watch.ts'
import type { Compared } from './compared.ts'
import { compare } from './comparison.ts'
import { type GatheredGroup, type GroupPlace, groupKeyOf, type Taken } from './gathered.ts'
import { type GroupWindow, GroupWindows } from './group-windows.ts'
import { learnt, type Norm, normOf, numbersOf, unknownNorm } from './norm.ts'
import { groupStateKey, memberStateKey, writeGroup, writeMember } from './store-form.ts'

export interface GroupSettings extends Omit<WatchSettings, 'tell' | 'judged'> {
  readonly calendar: readonly FreeTime[]
  /** A member of which nothing has come for so long is forgotten. */
  readonly forgetMs: number
  /** There is something to tell of an episode of one of the members. */
  tell(group: PeerGroup, ...told: Parameters<WatchSettings['tell']>): void
}

/** A series of the group. */
export interface PeerMember {
  readonly place: number
  readonly watch: SeriesWatch
  lastTime: EventTime
  /** From the latest epoch on, and before. */
  norm: Norm
  normBefore: Norm
  /** Since it was stored. */
  isChanged: boolean
}

/** More are not compared: each value is compared with all others. */
const maxMembers = 2_000
/** How often, in windows, it is learnt how members usually differ. */
const epochWindows = 32

/**
 * Series that should do alike. Their windows are kept until no member may change them any more; each is judged when
 * all have told it, and again when one of them has changed. How members usually differ is learnt in epochs, from
 * windows that can't change any more, so that it depends on no order.
 */
export class PeerGroup implements GatheredGroup {
  readonly key: string
  readonly place: GroupPlace
  knownUpTo = -1
  storedAt: EventTime = Number.NaN
  readonly #settings: GroupSettings
  readonly #watchSettings: WatchSettings
  readonly #epochMs: number
  readonly #phaseMs: number
  /** By place; places of those that are forgotten are given again. */
  readonly #members: (PeerMember | undefined)[] = []
  readonly #bySeries = new Map<string, PeerMember>()
  /** Members that are forgotten, but stored still. */
  readonly #forgotten = new Set<string>()
  readonly windows: GroupWindows

  constructor(place: GroupPlace, settings: GroupSettings) {
    this.key = groupKeyOf(place)
    this.place = place
    this.#settings = settings
    this.#watchSettings = { ...settings, tell: (...told) => settings.tell(this, ...told) }
    this.#epochMs = Math.max(
      epochWindows * place.sizeMs,
      Math.ceil(settings.revisableMs / place.sizeMs) * place.sizeMs,
    )
    this.windows = new GroupWindows(place.sizeMs, settings.revisableMs)
    this.#phaseMs = Math.floor(this.phase * this.#epochMs)
  }

  get phase(): number {
    return hashText(this.key) / 2 ** 32
  }

  get size(): number {
    return this.#bySeries.size
  }

  /** How many others each member had in the latest window that was judged. */
  get siblings(): number {
    return Math.max(0, (this.windows.latestJudged?.values.filter(Number.isFinite).length ?? 0) - 1)
  }

  members(): readonly PeerMember[] {
    return this.#members.filter((member) => member !== undefined)
  }

  put(series: Series, start: EventTime, value: number): Taken {
    if (this.windows.isLate(start)) return 'late'
    const key = keyOf(series)
    let member = this.#bySeries.get(key)
    if (!member) {
      if (Number.isNaN(value)) return 'nothing'
      if (this.size >= maxMembers) return 'full'
      member = this.#add(known(series), key, start)
    }
    if (!this.windows.put(member.place, start, value)) return 'nothing'
    member.lastTime = Math.max(member.lastTime, start)
    member.isChanged = true
    return 'taken'
  }

  advance(watermark: EventTime): void {
    this.#correct()
    for (const window of this.windows.ended(watermark)) this.#judge(window)
    for (const { watch } of this.members()) if (watch.hasNews) watch.tellNews()
  }

  end(time: EventTime): void {
    for (const { watch } of this.members()) watch.end(time)
  }

  entries(offset: number): readonly (readonly [string, Buffer | null])[] {
    const entries: [string, Buffer | null][] = [[groupStateKey(this.key), writeGroup(this.state(offset))]]
    for (const member of this.members()) {
      if (!member.isChanged) continue
      member.isChanged = false
      entries.push([this.#keyOf(keyOf(member.watch.series)), writeMember(this.stateOf(member, offset))])
    }
    for (const series of this.#forgotten) entries.push([this.#keyOf(series), null])
    this.#forgotten.clear()
    return entries
  }

  keys(): readonly string[] {
    return [
      groupStateKey(this.key),
      ...[...this.#bySeries.keys(), ...this.#forgotten].map((key) => this.#keyOf(key)),
    ]
  }

  #keyOf(series: string): string {
    return memberStateKey(this.key, series)
  }

  state(offset: number): PeerGroupState {
    return {
      ...this.place,
      offset,
      storedAt: Number.isFinite(this.storedAt) ? this.storedAt : null,
      ...this.windows.state(),
    }
  }

  stateOf({ place, lastTime, norm, normBefore, watch }: PeerMember, offset: number): PeerMemberState {
    return {
      place,
      offset,
      lastTime,
      norm: numbersOf(norm),
      normBefore: numbersOf(normBefore),
      watch: watch.state(offset),
      besides: watch.besides,
    }
  }

  /** Takes up what `state` and `stateOf` gave, before anything else. */
  restore(state: PeerGroupState, members: readonly PeerMemberState[]): void {
    this.knownUpTo = state.offset
    this.storedAt = state.storedAt ?? Number.NaN
    for (const { place, watch: watched, besides, ...more } of members) {
      const watch = this.#watch(known(watched.series), watched.since)
      watch.restore(watched, besides)
      const norms = { norm: normOf(more.norm), normBefore: normOf(more.normBefore) }
      const member = { place, watch, lastTime: more.lastTime, ...norms, isChanged: false }
      this.#members[place] = member
      this.#bySeries.set(keyOf(watch.series), member)
    }
    // What is damaged may leave holes.
    for (let place = 0; place < this.#members.length; place++) this.#members[place] ??= undefined
    this.windows.restore(state, (place) => this.#members[place] !== undefined)
  }

  #add(series: Series, key: string, time: EventTime): PeerMember {
    const free = this.#members.indexOf(undefined)
    const place = free < 0 ? this.#members.length : free
    const member: PeerMember = {
      place,
      // Those before it may come after it.
      watch: this.#watch(series, time - this.#settings.revisableMs),
      lastTime: time,
      norm: unknownNorm,
      normBefore: unknownNorm,
      isChanged: true,
    }
    this.#members[place] = member
    this.#bySeries.set(key, member)
    this.#forgotten.delete(key)
    return member
  }

  #watch(series: Series, time: EventTime): SeriesWatch {
    const phase = hashText(`${this.key}${keyOf(series)}`) / 2 ** 32
    const freeTimes = freeTimesOf(this.#settings.calendar, series)
    return new SeriesWatch(series, this.place.statistic, this.#watchSettings, time, {
      phase,
      freeTimes,
      limits: undefined,
      markers: noMarkers,
    })
  }

  #judge(window: GroupWindow): void {
    this.#moveEpoch(window.start)
    this.windows.judged(window)
    const compared = this.#compare(window)
    for (const member of this.members()) {
      const { place, watch } = member
      const one = compared?.[place]
      if (one) watch.observe(window.start, window.values[place]!, besideOf(one))
      else if (watch.openEpisode) watch.beSilent(window.start + this.place.sizeMs)
      else continue
      member.isChanged = true
    }
  }

  #correct(): void {
    const stale = this.windows.takeStale()
    if (stale.length === 0) return
    const compared = stale.map((window) => this.#compare(window))
    for (const member of this.members()) {
      const { place, watch } = member
      const shown = stale.map(({ start, values }, i): Shown => {
        const one = compared[i]?.[place]
        return one
          ? { time: start, value: values[place]!, beside: besideOf(one) }
          : { time: start, value: Number.NaN, beside: [] }
      })
      if (watch.correct(shown)) member.isChanged = true
    }
  }

  #compare({ start, values }: GroupWindow): readonly (Compared | undefined)[] | undefined {
    const isOld = start < this.#epochStart(this.windows.judgedUpTo)
    return compare(values, (place) => {
      const member = this.#members[place]!
      return isOld ? member.normBefore : member.norm
    })
  }

  #epochStart(time: EventTime): EventTime {
    return Math.floor((time - this.#phaseMs) / this.#epochMs) * this.#epochMs + this.#phaseMs
  }

  /**
   * When the first window of an epoch is judged, all that can't change any more are learnt. Epochs in which nothing was
   * judged had their norms, too: those of the one before count for windows that may still be corrected.
   */
  #moveEpoch(time: EventTime): void {
    const epoch = this.#epochStart(time)
    if (epoch === this.#epochStart(this.windows.judgedUpTo)) return
    this.#forgetMembers(time)
    for (const from of [epoch - this.#epochMs, epoch]) {
      if (from <= this.#epochStart(this.windows.judgedUpTo)) continue
      for (const member of this.members()) member.normBefore = member.norm
      this.#learnBefore(from - this.#settings.revisableMs)
    }
  }

  #learnBefore(time: EventTime): void {
    for (const { values } of this.windows.takeBefore(time)) {
      const compared = compare(values, (place) => this.#members[place]!.norm)
      if (!compared) continue
      for (const member of this.members()) {
        const one = compared[member.place]
        if (!one || !Number.isFinite(one.difference)) continue
        member.norm = learnt(member.norm, values[member.place]!, one)
        member.isChanged = true
      }
    }
  }

  #forgetMembers(time: EventTime): void {
    const { forgetMs, revisableMs } = this.#settings
    // Not before it is in no window any more.
    const since = time - Math.max(forgetMs, 2 * (this.#epochMs + revisableMs))
    for (const { place, lastTime, watch } of this.members()) {
      if (lastTime >= since) continue
      watch.end(time)
      this.#members[place] = undefined
      const key = keyOf(watch.series)
      this.#bySeries.delete(key)
      this.#forgotten.add(key)
      this.windows.clear(place)
    }
  }
}

const besideOf = ({ difference, ratio, expected, lower, upper }: Compared) => [
  difference,
  ratio,
  expected,
  lower,
  upper,
]
