import { setTimeout as delay } from 'node:timers/promises'

/** Waits between attempts: doubling from `firstMs` to `maxMs`, each with up to half of it added at random. */
export class Backoff {
  readonly #firstMs: number
  readonly #maxMs: number
  #nextMs: number

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs
    this.#maxMs = maxMs
    this.#nextMs = firstMs
  }

  /** Resolves after the wait, or at once when the signal is aborted. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.#nextMs * (1 + Math.random() / 2)
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs)
    await delay(ms, undefined, { signal }).catch(() => undefined)
  }

  reset(): void {
    this.#nextMs = this.#firstMs
  }
}
