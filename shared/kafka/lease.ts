/**
 * How long a worker may take its partitions for its own. The coordinator gives them away when it has not heard of the
 * worker for the session time-out; it last heard of it no earlier than when the worker sent what was answered. Times
 * are those of sending, because an answer may lie in the socket while the process stands still.
 */
export class Lease {
  readonly #durationMs: number
  readonly #now: () => number
  #sentAt = -Infinity
  #heldUntil = -Infinity
  #renewal: PromiseWithResolvers<void> | undefined

  /** Half the session: what is begun under the lease has the other half to end. */
  constructor(sessionTimeoutMs: number, now: () => number = Date.now) {
    this.#durationMs = sessionTimeoutMs / 2
    this.#now = now
  }

  /** The coordinator has answered what was sent then; how, is not known yet. */
  answered(sentAt: number): void {
    this.#sentAt = sentAt
  }

  /** The last answer was that this worker is a member. */
  renew(): void {
    this.#heldUntil = this.#sentAt + this.#durationMs
    if (this.#now() >= this.#heldUntil) return
    this.#renewal?.resolve()
    this.#renewal = undefined
  }

  /** Undefined while the lease holds; else resolves when it does again. */
  lapse(): Promise<void> | undefined {
    if (this.#now() < this.#heldUntil) return undefined
    this.#renewal ??= Promise.withResolvers<void>()
    return this.#renewal.promise
  }
}
