/** What two clocks show at one time, milliseconds. */
export interface ClockTimes {
  /** The time of day, which someone may set back, as a time server does. */
  readonly wall: number
  /** What only goes forward, but on Linux stands still while the machine is suspended (CLOCK_MONOTONIC). */
  readonly steady: number
}

const readClocks = (): ClockTimes => ({ wall: Date.now(), steady: performance.now() })

/**
 * How long a worker may take its partitions for its own. The coordinator gives them away when it has not heard of the
 * worker for the session time-out; it last heard of it no earlier than when the worker sent what was answered. Times
 * are those of sending, because an answer may lie in the socket while the process stands still. The lease is over when
 * either clock says so: each of them misses time that the other one sees.
 */
export class Lease {
  readonly #durationMs: number
  readonly #now: () => ClockTimes
  #sent: ClockTimes = { wall: -Infinity, steady: -Infinity }
  #heldSince: ClockTimes = this.#sent
  #renewal: PromiseWithResolvers<void> | undefined

  /** Half the session: what is begun under the lease has the other half to end. */
  constructor(sessionTimeoutMs: number, now: () => ClockTimes = readClocks) {
    this.#durationMs = sessionTimeoutMs / 2
    this.#now = now
  }

  /** The coordinator has answered what was sent at that time of day; how, is not known yet. */
  answered(sentAt: number): void {
    const { wall, steady } = this.#now()
    // The clock was set back meanwhile: for how long it was on its way is not known, so it is as good as none.
    if (wall < sentAt) return
    this.#sent = { wall: sentAt, steady: steady - (wall - sentAt) }
  }

  /** The last answer was that this worker is a member. */
  renew(): void {
    this.#heldSince = this.#sent
    if (!this.#holds()) return
    this.#renewal?.resolve()
    this.#renewal = undefined
  }

  /** Undefined while the lease holds; else resolves when it does again. */
  lapse(): Promise<void> | undefined {
    if (this.#holds()) return undefined
    this.#renewal ??= Promise.withResolvers<void>()
    return this.#renewal.promise
  }

  #holds(): boolean {
    const { wall, steady } = this.#now()
    const since = this.#heldSince
    return wall - since.wall < this.#durationMs && steady - since.steady < this.#durationMs
  }
}
