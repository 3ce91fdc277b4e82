import { setTimeout as delay } from 'node:timers/promises'

/** Records are let through in steps of so much of a second, so that none waits long for its transaction. */
const stepsPerSecond = 5

/** How fast records are sent again. */
export class Pace {
  readonly #perSecond: number
  #nextAt = 0

  /** Infinity for as fast as it goes. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond
  }

  /** Of at most so many records, those to send in one go. */
  stepOf(records: number): number {
    return Math.max(1, Math.min(records, Math.floor(this.#perSecond / stepsPerSecond)))
  }

  /** Resolves when so many records may be sent, or the signal comes. */
  async turn(records: number, signal: AbortSignal): Promise<void> {
    if (this.#perSecond === Infinity) return
    const now = Date.now()
    const at = Math.max(now, this.#nextAt)
    this.#nextAt = at + (records * 1_000) / this.#perSecond
    await delay(at - now, undefined, { signal }).catch(() => undefined)
  }
}
