import type { EntityState, Series } from '../../../shared/avro/types.ts'
import { keyOf, known } from '../../../shared/series/known-series.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import { type FreeTime, freeTimesOf } from '../calendar.ts'
import { noMarkers } from '../markers/marker-book.ts'
import { type GatheredGroup, type GroupPlace, groupKeyOf, type Taken } from '../peers/gathered.ts'
import { type GroupWindow, GroupWindows } from '../peers/group-windows.ts'
import { SeriesWatch, type Shown, type WatchSettings } from '../watch/series-watch.ts'
import { maxFields } from './moments.ts'
import { entityKey, writeEntity } from './store-form.ts'

export interface EntitySettings extends Omit<WatchSettings, 'tell' | 'judged'> {
  readonly calendar: readonly FreeTime[]
  /** There is something to tell of an episode of the entity. */
  tell(group: EntityGroup, ...told: Parameters<WatchSettings['tell']>): void
}

/** Fewer are not looked at together. */
const fewestFields = 2

/** One entity, such as a host, whose fields are looked at together: what has been said of siblings' windows goes for these, too. */
export class EntityGroup implements GatheredGroup {
  readonly key: string
  readonly place: GroupPlace
  knownUpTo = -1
  storedAt: EventTime = Number.NaN
  readonly #settings: EntitySettings
  readonly windows: GroupWindows
  /** By place. */
  readonly #fields: Series[] = []
  readonly #placeOf = new Map<string, number>()
  #watch: SeriesWatch | undefined

  constructor(place: GroupPlace, settings: EntitySettings) {
    this.key = groupKeyOf(place)
    this.place = place
    this.#settings = settings
    this.windows = new GroupWindows(place.sizeMs, settings.revisableMs)
  }

  get phase(): number {
    return hashText(this.key) / 2 ** 32
  }

  get size(): number {
    return this.#fields.length
  }

  /** By place. */
  get fields(): readonly Series[] {
    return this.#fields
  }

  put(series: Series, start: EventTime, value: number): Taken {
    if (this.windows.isLate(start)) return 'late'
    const key = keyOf(series)
    let place = this.#placeOf.get(key)
    if (place === undefined) {
      if (Number.isNaN(value)) return 'nothing'
      if (this.#fields.length >= maxFields) return 'full'
      place = this.#add(known(series))
    }
    return this.windows.put(place, start, value) ? 'taken' : 'nothing'
  }

  advance(watermark: EventTime): void {
    const stale = this.windows.takeStale()
    if (stale.length > 0) this.#watch?.correct(stale.map(shownOf))
    for (const window of this.windows.ended(watermark)) this.#judge(window)
    this.windows.takeBefore(this.windows.judgedUpTo - this.#settings.revisableMs)
    if (this.#watch?.hasNews) this.#watch.tellNews()
  }

  end(time: EventTime): void {
    this.#watch?.end(time)
  }

  entries(offset: number): readonly (readonly [string, Buffer | null])[] {
    return this.#watch ? [[entityKey(this.key), writeEntity(this.#state(this.#watch, offset))]] : []
  }

  keys(): readonly string[] {
    return [entityKey(this.key)]
  }

  /** Takes up what was stored, before anything else. */
  restore(state: EntityState): void {
    const { offset, storedAt, fields, watch, besides } = state
    this.knownUpTo = offset
    this.storedAt = storedAt ?? Number.NaN
    for (const series of fields) this.#add(known(series))
    this.windows.restore(state, (place) => place < fields.length)
    this.#watch = this.#createWatch(watch.since)
    this.#watch.restore(watch, besides)
  }

  #state(watch: SeriesWatch, offset: number): EntityState {
    return {
      ...this.place,
      offset,
      storedAt: Number.isFinite(this.storedAt) ? this.storedAt : null,
      ...this.windows.state(),
      fields: this.#fields,
      watch: watch.state(offset),
      besides: watch.besides,
    }
  }

  #add(series: Series): number {
    this.#placeOf.set(keyOf(series), this.#fields.length)
    return this.#fields.push(series) - 1
  }

  #judge(window: GroupWindow): void {
    this.windows.judged(window)
    const shown = shownOf(window)
    const { time, value, beside } = shown
    if (Number.isNaN(value)) {
      if (this.#watch?.openEpisode) this.#watch.beSilent(time + this.place.sizeMs)
      return
    }
    // Windows before it may come after it.
    this.#watch ??= this.#createWatch(time - this.#settings.revisableMs)
    this.#watch.observe(time, value, beside)
  }

  #createWatch(firstTime: EventTime): SeriesWatch {
    const { group, statistic } = this.place
    const settings: WatchSettings = {
      ...this.#settings,
      tell: (...told) => this.#settings.tell(this, ...told),
    }
    return new SeriesWatch(known(group), statistic, settings, firstTime, {
      phase: this.phase,
      freeTimes: freeTimesOf(this.#settings.calendar, group),
      limits: undefined,
      markers: noMarkers,
    })
  }
}

/** A window as its watch sees it: how many fields it has, and beside that their values. */
function shownOf({ start, values }: GroupWindow): Shown {
  const beside = Array.from({ length: maxFields }, (_, place) => values[place] ?? Number.NaN)
  const count = beside.filter(Number.isFinite).length
  return count < fewestFields
    ? { time: start, value: Number.NaN, beside: [] }
    : { time: start, value: count, beside }
}
