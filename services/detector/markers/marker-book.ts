import type { Marker, MarkerState, Series } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'
import { selects } from '../../../shared/series/selector.ts'
import type { EventTime, Output } from '../../../shared/stream/task.ts'
import type { FreeTime } from '../calendar.ts'
import { type Feedback, feedbackOf } from './feedback.ts'
import { markerForm, markerKey } from './store-form.ts'

/** More than these are not taken, in one partition. */
const limits = { note: 0, maintenance: 1_000, deploy: 10_000, expected: 10_000, real: 10_000 }
/** Of what was said of one watch, the latest count. */
const maxSaid = 16

/** What is known of one watch besides its windows. */
export interface WatchMarkers {
  /** In which nothing is an anomaly, and nothing is learnt. */
  readonly freeTimes: readonly FreeTime[]
  /** In order of the anomalies' starts. */
  readonly said: readonly Feedback[]
}

/** Of whom. */
interface WatchName {
  readonly series: Series
  readonly statistic: string
  readonly sizeMs: number
}

/** What a record has changed. */
export interface MarkerChange {
  /** Those that count no more, and the one that counts now. */
  readonly markers: readonly Marker[]
  /** Why it was not taken, as a sentence. */
  readonly refusal?: string
}

type Entry = { -readonly [K in keyof MarkerState]: MarkerState[K] }

/**
 * The markers that one partition knows of. Each counts from the record that told it to the one that replaced or removed it,
 * or in which it had expired; both offsets are kept. So while the log is read again it can be asked for what
 * was known at a record, and what it is given a second time changes nothing.
 */
export class MarkerBook {
  /** Those that count, by offset and in its order. */
  readonly #maintenances = new Map<number, Entry>()
  readonly #deploys = new Map<number, Entry>()
  /** What was said of anomalies, by series, each in order of offsets. */
  readonly #verdicts = new Map<string, Entry[]>()
  #verdictCount = 0
  /** Those that count no more, and the last record since which one does not: what is asked of later ones is not about them. */
  readonly #gone = new Set<Entry>()
  #lastGoneAt = -1
  /** All, in order of offsets. */
  readonly #byId = new Map<string, Entry[]>()
  /** Up to which offset all are here that were ever taken. */
  #takenUpTo = -1
  readonly #unsaved = new Set<Entry>()
  readonly #keepMs: (marker: Marker) => number

  /** `keepMs` is for how long a marker may still matter, in event time, once it is over. */
  constructor(keepMs: (marker: Marker) => number) {
    this.#keepMs = keepMs
  }

  /** Those that count, and those that did lately. */
  get size(): number {
    return this.#maintenances.size + this.#deploys.size + this.#verdictCount + this.#gone.size
  }

  /** Takes a marker that the record at `offset` tells. */
  take(marker: Marker, offset: number): MarkerChange {
    const before = this.#byId.get(marker.id)?.findLast((one) => one.offset < offset)
    const changed: Marker[] = []
    if (before && isKnown(before, offset - 1)) {
      this.#end(before, offset)
      changed.push(before.marker)
    }
    if (marker.isRemoved || marker.kind === 'note') return { markers: changed }
    if (this.#countOf(marker, offset) >= limits[marker.kind])
      return {
        markers: changed,
        refusal: `${limits[marker.kind]} markers of the kind ${marker.kind} are known already, and no more are taken: remove some`,
      }
    this.#add({ marker, offset, goneAt: null })
    return { markers: [...changed, marker] }
  }

  /** Ends what can't matter any more when event time has come to `latest`. Returns whether there was any. */
  expire(latest: EventTime, offset: number): boolean {
    let hasExpired = false
    for (const entry of this.#current()) {
      const { marker } = entry
      if (entry.offset >= offset || latest - (marker.to ?? marker.from) <= this.#keepMs(marker)) continue
      this.#end(entry, offset)
      hasExpired = true
    }
    return hasExpired
  }

  /** What is known of a watch after the record at `offset`. */
  of({ series, statistic, sizeMs }: WatchName, offset: number): WatchMarkers {
    let freeTimes: FreeTime[] | undefined
    for (const entry of this.#with(this.#maintenances.values(), offset)) {
      const { kind, metric, where, from, to } = entry.marker
      if (kind !== 'maintenance' || !isKnown(entry, offset) || !selects(entry.marker, series)) continue
      freeTimes ??= []
      freeTimes.push({ metric, where, from, to: to!, every: undefined })
    }
    const said: Feedback[] = []
    const key = keyOf(series)
    for (const entry of this.#with(this.#verdicts.get(key) ?? [], offset)) {
      const { anomaly } = entry.marker
      if (anomaly?.statistic !== statistic || anomaly.windowSizeMs !== sizeMs) continue
      if (isKnown(entry, offset) && keyOf(anomaly.series) === key) said.push(feedbackOf(entry.marker)!)
    }
    if (said.length === 0 && !freeTimes) return noMarkers
    return {
      freeTimes: freeTimes ?? [],
      said: said.sort((a, b) => a.start - b.start).slice(-maxSaid),
    }
  }

  /** The latest deploy of a series between two times, the first exclusive, as it is known after the record at `offset`. */
  deployOf(series: Series, after: EventTime, upTo: EventTime, offset: number): Marker | undefined {
    let latest: Marker | undefined
    for (const entry of this.#with(this.#deploys.values(), offset)) {
      const { kind, from } = entry.marker
      if (kind !== 'deploy' || from <= after || from > upTo || !isKnown(entry, offset)) continue
      if (latest && from < latest.from) continue
      if (selects(entry.marker, series)) latest = entry.marker
    }
    return latest
  }

  /** Takes back what was stored, in any order. */
  restore(states: Iterable<MarkerState>): void {
    const entries = [...states].map((state) => ({ ...state }))
    for (const entry of entries.sort((a, b) => a.offset - b.offset)) {
      this.#put(entry)
      if (entry.goneAt !== null) this.#setAside(entry, entry.goneAt)
    }
  }

  /** Stores what has changed. */
  save(out: Output): void {
    for (const entry of this.#unsaved) out.keep(markerKey(entry.offset), markerForm.encode(entry))
    this.#unsaved.clear()
  }

  /** Forgets what had gone before the record from which on the log would be read again. */
  forgetBefore(offset: number, out: Output): void {
    for (const entry of this.#gone) {
      if (entry.goneAt! >= offset) continue
      this.#gone.delete(entry)
      this.#unsaved.delete(entry)
      takeOut(this.#byId, entry.marker.id, entry)
      out.keep(markerKey(entry.offset), null)
    }
  }

  /** Those that count, as a copy. */
  #current(): readonly Entry[] {
    return [...this.#maintenances.values(), ...this.#deploys.values(), ...[...this.#verdicts.values()].flat()]
  }

  /** Some that count now, and for a record of the past also all that have gone since, in order of offsets. */
  #with(current: Iterable<Entry>, offset: number): Iterable<Entry> {
    if (offset >= this.#lastGoneAt) return current
    return [...current, ...this.#gone].sort((a, b) => a.offset - b.offset)
  }

  /** How many of its kind, which verdicts share, count when a record tells it, without what that tells. */
  #countOf({ kind, anomaly }: Marker, offset: number): number {
    if (offset > this.#takenUpTo) return anomaly ? this.#verdictCount : this.#placeOf(kind).size
    return [...this.#current(), ...this.#gone].filter(
      (one) =>
        one.offset < offset &&
        isKnown(one, offset) &&
        (anomaly ? one.marker.anomaly !== null : one.marker.kind === kind),
    ).length
  }

  #placeOf(kind: Marker['kind']): Map<number, Entry> {
    return kind === 'deploy' ? this.#deploys : this.#maintenances
  }

  #add(entry: Entry): void {
    // While the log is read again it is there already.
    if (entry.offset <= this.#takenUpTo) return
    this.#put(entry)
    this.#unsaved.add(entry)
  }

  #put(entry: Entry): void {
    const { id, kind, anomaly } = entry.marker
    this.#takenUpTo = entry.offset
    append(this.#byId, id, entry)
    if (!anomaly) {
      this.#placeOf(kind).set(entry.offset, entry)
      return
    }
    append(this.#verdicts, keyOf(anomaly.series), entry)
    this.#verdictCount++
  }

  #end(entry: Entry, offset: number): void {
    // While the log is read again it has gone already.
    if (entry.goneAt !== null) return
    this.#setAside(entry, offset)
    this.#unsaved.add(entry)
  }

  #setAside(entry: Entry, goneAt: number): void {
    const { kind, anomaly } = entry.marker
    entry.goneAt = goneAt
    this.#gone.add(entry)
    this.#lastGoneAt = Math.max(this.#lastGoneAt, goneAt)
    if (!anomaly) {
      this.#placeOf(kind).delete(entry.offset)
      return
    }
    takeOut(this.#verdicts, keyOf(anomaly.series), entry)
    this.#verdictCount--
  }
}

function append<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const list = lists.get(key)
  if (list) list.push(item)
  else lists.set(key, [item])
}

function takeOut<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const list = lists.get(key)!
  list.splice(list.indexOf(item), 1)
  if (list.length === 0) lists.delete(key)
}

/** Of a series of which nothing was marked, or that markers are not told. */
export const noMarkers: WatchMarkers = { freeTimes: [], said: [] }

/** Whether it counts after the record at `offset`. */
const isKnown = ({ offset: since, goneAt }: Entry, offset: number) =>
  since <= offset && (goneAt === null || goneAt > offset)
