import { setTimeout as delay } from 'node:timers/promises'
import type { EventTime } from '../../../shared/stream/task.ts'

/** How far a partition may be ahead of the others, milliseconds of the brokers' time. */
export const slackMs = 60_000

/** A partition that has shown nothing for so long is not waited for: longer than a rebalance and a fetch take. */
const patienceMs = 10_000

interface PaceOptions {
  /** The partitions that have records to read, by name. */
  readonly places: Iterable<string>
  /** Over all partitions; undefined for no limit. */
  readonly maxRecordsPerSecond: number | undefined
  now(): number
}

interface Place {
  /** Of the next record; unknown at first, and then waited for. */
  timestamp: EventTime
  /** Wall time at which it was last busy; Infinity while it waits for the others. */
  seenAt: number
}

/**
 * Lets the partitions of a replay go on side by side, as they were written: windows wait for the slowest partition, so
 * one that ran ahead would have all of its windows kept open.
 */
export class Pace {
  readonly #options: PaceOptions
  readonly #places: Map<string, Place>
  #nextAt = 0
  #changed = Promise.withResolvers<void>()

  constructor(options: PaceOptions) {
    this.#options = options
    const seenAt = options.now()
    this.#places = new Map([...options.places].map((name) => [name, { timestamp: -Infinity, seenAt }]))
  }

  /** Resolves when `records`, the first of them appended at `timestamp`, may be read. Throws when the signal is aborted. */
  async turn(name: string, timestamp: EventTime, records: number, signal: AbortSignal): Promise<void> {
    const place = this.#places.get(name)
    if (place) {
      place.timestamp = timestamp
      place.seenAt = Infinity
      this.#tell()
      while (timestamp > this.#slowest(name) + slackMs) await this.#change(signal)
    }
    await this.#rate(records, signal)
    if (place) place.seenAt = this.#options.now()
  }

  /** The partition has been read to its end. */
  finish(name: string): void {
    if (this.#places.delete(name)) this.#tell()
  }

  /** The earliest time at which one of the others stands. */
  #slowest(name: string): EventTime {
    const idleSince = this.#options.now() - patienceMs
    let slowest = Infinity
    for (const [other, { timestamp, seenAt }] of this.#places)
      if (other !== name && seenAt > idleSince && timestamp < slowest) slowest = timestamp
    return slowest
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }

  async #change(signal: AbortSignal): Promise<void> {
    // Patience ends without anyone telling.
    const woken = new AbortController()
    const wait = delay(patienceMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) })
    await Promise.race([this.#changed.promise, wait])
    woken.abort()
    await wait.catch(() => undefined)
    signal.throwIfAborted()
  }

  async #rate(records: number, signal: AbortSignal): Promise<void> {
    const { maxRecordsPerSecond, now } = this.#options
    if (maxRecordsPerSecond === undefined) return
    const at = Math.max(now(), this.#nextAt)
    this.#nextAt = at + (records * 1_000) / maxRecordsPerSecond
    await delay(Math.max(0, at - now()), undefined, { signal })
  }
}
