import type { Series, SeriesState } from '../../../shared/avro/types.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { Cardinality } from '../cardinality.ts'
import type { Contributions } from '../rules/registry.ts'
import { storedReading } from './store-form.ts'
import type { SeriesEntry } from './window.ts'

/** The series that a task remembers, and which of them are to be written to the state topic in which turn. */
export class SeriesTable {
  readonly #entries = new Map<string, SeriesEntry>()
  readonly #slots: readonly Set<SeriesEntry>[]
  readonly #contributions: Contributions
  readonly #cardinality: Cardinality | undefined

  /** A series is stored every `slots` turns, so that each turn writes about as much. */
  constructor(slots: number, contributions: Contributions, cardinality?: Cardinality) {
    this.#slots = Array.from({ length: slots }, () => new Set<SeriesEntry>())
    this.#contributions = contributions
    this.#cardinality = cardinality
  }

  get size(): number {
    return this.#entries.size
  }

  get slotCount(): number {
    return this.#slots.length
  }

  get(key: string): SeriesEntry | undefined {
    return this.#entries.get(key)
  }

  add(key: string, series: Series, offset: number): SeriesEntry {
    const entry = this.#put(newEntry(key, series, offset, this.#contributions(series)))
    this.count(entry)
    return entry
  }

  /** A stand-in for series that have none of their own: it is not emitted, and only contributes. */
  addStandIn(
    key: string,
    series: Series,
    offset: number,
    contributions: SeriesEntry['contributions'],
  ): SeriesEntry {
    const entry = newEntry(key, series, offset, contributions)
    entry.isEmitted = false
    return this.#put(entry)
  }

  /** A series as it was stored, still without its windows; the log is read from `offset`. */
  restore(key: string, state: SeriesState, offset: number): SeriesEntry {
    const entry = newEntry(key, state.series, state.admittedAt, this.#contributions(state.series))
    entry.lastReading = storedReading(state)
    entry.lastSeen = state.lastSeen
    entry.restoredAt = state.moment
    entry.isStored = true
    if (state.admittedAt < offset) this.count(entry)
    return this.#put(entry)
  }

  /** To be called when the log brings a series that may have been restored: from its first record on it counts. */
  count(entry: SeriesEntry): void {
    if (entry.isCounted || !entry.isEmitted) return
    entry.isCounted = true
    this.#cardinality?.enter(entry.series)
  }

  delete(entry: SeriesEntry): void {
    this.#entries.delete(entry.key)
    this.#slotOf(entry).delete(entry)
    if (entry.isCounted) this.#cardinality?.leave(entry.series)
  }

  inSlot(slot: number): ReadonlySet<SeriesEntry> {
    return this.#slots[slot]!
  }

  [Symbol.iterator](): Iterator<SeriesEntry> {
    return this.#entries.values()
  }

  #put(entry: SeriesEntry): SeriesEntry {
    this.#entries.set(entry.key, entry)
    this.#slotOf(entry).add(entry)
    return entry
  }

  #slotOf({ hash }: SeriesEntry): Set<SeriesEntry> {
    // Not the low bits alone: those decide the partition.
    return this.#slots[(hash >>> 8) % this.#slots.length]!
  }
}

function newEntry(
  key: string,
  series: Series,
  offset: number,
  contributions: SeriesEntry['contributions'],
): SeriesEntry {
  const entry = {
    key,
    series,
    hash: hashText(key),
    admittedAt: offset,
    contributions,
    isEmitted: true,
    alone: [] as SeriesEntry[],
    windows: [],
    longer: [],
    lastReading: undefined,
    lastSeen: -Infinity,
    restoredAt: -1,
    isCounted: false,
    isDirty: false,
    isStored: false,
  }
  entry.alone.push(entry)
  return entry
}
