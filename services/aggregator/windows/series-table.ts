import type { Series, SeriesState } from '../../../shared/avro/types.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { Contributions } from '../rules/registry.ts'
import { storedReading } from './store-form.ts'
import type { SeriesEntry } from './window.ts'

/** The series that a task remembers, and which of them are to be written to the state topic in which turn. */
export class SeriesTable {
  readonly #entries = new Map<string, SeriesEntry>()
  readonly #slots: readonly Set<SeriesEntry>[]
  readonly #contributions: Contributions

  /** A series is stored every `slots` turns, so that each turn writes about as much. */
  constructor(slots: number, contributions: Contributions) {
    this.#slots = Array.from({ length: slots }, () => new Set<SeriesEntry>())
    this.#contributions = contributions
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
    return this.#put({ ...newEntry(key, series, offset), contributions: this.#contributions(series) })
  }

  /** A stand-in for series that have none of their own: it is not emitted, and only contributes. */
  addStandIn(key: string, series: Series, offset: number, contributions: SeriesEntry['contributions']): SeriesEntry {
    return this.#put({ ...newEntry(key, series, offset), contributions, isEmitted: false })
  }

  /** A series as it was stored, still without its windows. */
  restore(key: string, state: SeriesState): SeriesEntry {
    return this.#put({
      ...newEntry(key, state.series, state.admittedAt),
      contributions: this.#contributions(state.series),
      lastReading: storedReading(state),
      lastSeen: state.lastSeen,
      restoredAt: state.moment,
      isStored: true,
    })
  }

  delete(entry: SeriesEntry): void {
    this.#entries.delete(entry.key)
    this.#slotOf(entry).delete(entry)
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

const newEntry = (key: string, series: Series, offset: number): SeriesEntry => ({
  key,
  series,
  hash: hashText(key),
  admittedAt: offset,
  contributions: [],
  isEmitted: true,
  windows: [],
  longer: [],
  lastReading: undefined,
  lastSeen: -Infinity,
  restoredAt: -1,
  isDirty: false,
  isStored: false,
})
