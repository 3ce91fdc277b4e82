import type { Series, SeriesState } from '../../../shared/avro/types.ts'
import { known } from '../../../shared/series/known-series.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { Cardinality } from '../cardinality/cardinality.ts'
import { whoseBeyond } from '../cardinality/overflow.ts'
import type { Contribution } from '../rules/contribution.ts'
import { storedReading } from './store-form.ts'
import { type Moment, momentOf, type SeriesEntry } from './window.ts'

/** What the windows of a series contribute, by its key in the table. */
type ContributionsByKey = (series: Series, key: string) => readonly Contribution[]

/**
 * The series that a task remembers, and which of them are to be written to the state topic in which turn. Which series
 * are admitted depends on which others are alive, so when the log is read again all must live and be forgotten at the
 * same moments as before: these are stored with them, and remembered until the log can't be read from before any more.
 */
export class SeriesTable {
  readonly #entries = new Map<string, SeriesEntry>()
  readonly #slots: readonly Slot[]
  readonly #contributions: ContributionsByKey
  readonly #cardinality: Cardinality | undefined
  /** Of those that were admitted last. */
  #firstLives: readonly Moment[] = []
  /** The lives of series that were forgotten and are still stored. */
  readonly #ghosts = new Map<string, readonly Moment[]>()

  /** A series is stored every `slots` turns, so that each turn writes about as much. */
  constructor(slots: number, contributions: ContributionsByKey, cardinality?: Cardinality) {
    this.#slots = Array.from({ length: slots }, () => ({ entries: new Set(), changedSince: Infinity }))
    this.#contributions = contributions
    this.#cardinality = cardinality
  }

  get size(): number {
    return this.#entries.size
  }

  get slotCount(): number {
    return this.#slots.length
  }

  /** A series that may take points in the record at `offset`; undefined when it must be admitted first, or again. */
  get(key: string, offset: number): SeriesEntry | undefined {
    const entry = this.#entries.get(key)
    if (!entry || entry.isCounted || entry.isShared) return entry
    if (!entry.lives.includes(momentOf(offset))) return undefined
    this.#enter(entry)
    return entry
  }

  /** Whether the log is read again here, and the series was refused the first time. */
  wasRefused(key: string, offset: number): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && momentOf(offset) <= entry.restoredAt
  }

  /** Admits a series. */
  add(key: string, series: Series, offset: number): SeriesEntry {
    const ghost = this.#entries.get(key)
    if (ghost) this.#remove(ghost)
    const lives = ghost?.lives ?? this.#ghosts.get(key) ?? []
    const entry = this.#put(newEntry(key, series, this.#contributions(series, key)))
    entry.lives = this.#livesFrom(lives, momentOf(offset))
    this.#enter(entry)
    return entry
  }

  /** A stand-in for series that have none of their own: it is not emitted, and only contributes. */
  standIn(key: string, series: Series, contributions: SeriesEntry['contributions']): SeriesEntry {
    const known = this.#entries.get(key)
    if (known) return known
    const entry = newEntry(key, series, contributions)
    entry.isEmitted = false
    entry.isShared = true
    return this.#put(entry)
  }

  /** A series as it was stored, still without its windows; the log is read from `offset`. */
  restore(key: string, state: SeriesState, offset: number): SeriesEntry {
    const entry = this.#put(newEntry(key, state.series, this.#contributions(state.series, key)))
    entry.lastReading = storedReading(state)
    entry.restoredAt = state.moment
    entry.lives = state.lives
    entry.isStored = true
    // An admission at this offset, or a forgetting, is still to come.
    if (state.lives.filter((moment) => moment < momentOf(offset)).length % 2 === 1) this.#enter(entry)
    return entry
  }

  /** Ends the life of a series at a moment up to which it was restored, as it ended the first time. */
  endAgain(entry: SeriesEntry, moment: Moment): void {
    if (entry.isCounted && entry.lives.lastIndexOf(moment) % 2 === 1) this.#leave(entry)
  }

  /** Ends the life of a series. It stays stored, as a ghost, until `bury` is called. */
  forget(entry: SeriesEntry, moment: Moment): void {
    if (entry.isCounted) {
      entry.lives = entry.lives.concat(moment)
      this.#leave(entry)
    }
    if (!entry.isShared) this.#ghosts.set(entry.key, entry.lives)
    this.#remove(entry)
  }

  /** The keys of those that were forgotten before this moment, and not admitted again. */
  bury(before: Moment): readonly string[] {
    const buried: string[] = []
    for (const [key, lives] of this.#ghosts) {
      if (lives.at(-1)! >= before) continue
      this.#ghosts.delete(key)
      if (!this.#entries.get(key)?.isStored) buried.push(key)
    }
    return buried
  }

  /** To be called for each change of what is stored of a series. */
  noteChange(entry: SeriesEntry, moment: Moment): void {
    entry.changedAt ??= moment
    const slot = this.#slotOf(entry)
    slot.changedSince = Math.min(slot.changedSince, entry.changedAt)
  }

  /** The series of a slot, all of which are to be stored now. */
  takeTurn(number: number): ReadonlySet<SeriesEntry> {
    const slot = this.#slots[number]!
    slot.changedSince = Infinity
    return slot.entries
  }

  /** The series that have changed before this moment, which are to be stored now. */
  *changedBefore(moment: Moment): Generator<SeriesEntry> {
    for (const slot of this.#slots) {
      if (slot.changedSince >= moment) continue
      slot.changedSince = moment
      for (const entry of slot.entries)
        if (entry.changedAt !== undefined && entry.changedAt < moment) yield entry
    }
  }

  [Symbol.iterator](): Iterator<SeriesEntry> {
    return this.#entries.values()
  }

  /** Series that come first in the same record share the list. */
  #livesFrom(lives: readonly Moment[], moment: Moment): readonly Moment[] {
    if (lives.length > 0) return lives.concat(moment)
    if (this.#firstLives[0] !== moment) this.#firstLives = [moment]
    return this.#firstLives
  }

  #put(entry: SeriesEntry): SeriesEntry {
    this.#entries.set(entry.key, entry)
    this.#slotOf(entry).entries.add(entry)
    return entry
  }

  #remove(entry: SeriesEntry): void {
    this.#entries.delete(entry.key)
    this.#slotOf(entry).entries.delete(entry)
  }

  #enter(entry: SeriesEntry): void {
    entry.isCounted = true
    if (entry.isEmitted) this.#cardinality?.enter(entry.series)
    else this.#cardinality?.enterBeyond()
  }

  #leave(entry: SeriesEntry): void {
    entry.isCounted = false
    if (entry.isEmitted) this.#cardinality?.leave(entry.series)
    else this.#cardinality?.leaveBeyond()
  }

  #slotOf({ hash }: SeriesEntry): Slot {
    // Not the low bits alone: those decide the partition.
    return this.#slots[(hash >>> 8) % this.#slots.length]!
  }
}

/** Series that are stored in the same turn. */
interface Slot {
  readonly entries: Set<SeriesEntry>
  /** None has changed before, since it was stored. */
  changedSince: Moment
}

function newEntry(key: string, series: Series, contributions: SeriesEntry['contributions']): SeriesEntry {
  return {
    key,
    series: known(series),
    hash: hashText(key),
    lives: [],
    contributions: contributions.length === 0 ? nothing : contributions,
    isEmitted: whoseBeyond(key) === undefined,
    isShared: false,
    newest: undefined,
    windowCount: 0,
    longer: nothing,
    lastReading: undefined,
    restoredAt: -1,
    isCounted: false,
    changedAt: undefined,
    isStored: false,
  }
}

/** Shared by all series that have none. */
const nothing: readonly never[] = []
