import { setTimeout as delay } from 'node:timers/promises'
import { RefusedError } from '../errors.ts'

/**
 * Waits between attempts: doubling from `firstMs` to `maxMs`, each with up to half of it added at random. After a
 * refusal it is `maxMs` at once: only a person ends that.
 */
export class Backoff {
  readonly #firstMs: number
  readonly #maxMs: number
  #nextMs: number

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs
    this.#maxMs = maxMs
    this.#nextMs = firstMs
  }

  /** Resolves after the wait that this failure asks for, or at once when the signal is aborted. */
  async wait(signal: AbortSignal, failure: Error): Promise<void> {
    const ms = (failure instanceof RefusedError ? this.#maxMs : this.#nextMs) * (1 + Math.random() / 2)
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs)
    await delay(ms, undefined, { signal }).catch(() => undefined)
  }

  reset(): void {
    this.#nextMs = this.#firstMs
  }
}
