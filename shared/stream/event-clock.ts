import type { EventTime } from './task.ts'

export interface EventClockOptions {
  /** How far out of order the events of one source may be, milliseconds. */
  readonly disorderMs: number
  /** A source that has written nothing for so long no longer holds the watermark back, milliseconds. */
  readonly sourceIdleMs: number
  /** A source further behind the foremost than this does not hold the watermark back either, milliseconds. */
  readonly maxHoldBackMs: number
}

interface SourceTime {
  maxEventTime: EventTime
  /** On the clock of this log, see `#activeMs`. */
  lastSeenMs: number
}

/** A stretch of the log in which nobody wrote counts no more than this towards anyone's idleness. */
const maxGapMs = 5_000

/**
 * The watermark of one partition: no more events before it are expected. It is the least, over the sources that write
 * into the partition, of the highest event time each has shown, less the allowed disorder; it never goes back. A fast
 * source so waits for a slow one that is catching up. All of it depends on the log alone (event times, and the times
 * at which the broker appended the records), so reading the log again gives the same watermarks.
 */
export class EventClock {
  readonly #options: EventClockOptions
  readonly #sources = new Map<string, SourceTime>()
  #watermark: EventTime = -Infinity
  #appendedAt = 0
  /** Time in which the log was being written, by its append times, with long gaps cut short. */
  #activeMs = 0

  constructor(options: EventClockOptions, memo?: string) {
    this.#options = options
    if (memo) this.#restore(memo)
  }

  get watermark(): EventTime {
    return this.#watermark
  }

  /** Takes note of a record of `source`, appended at `appendedAt`, whose latest event is at `maxEventTime`. Returns the watermark after it. */
  observe(source: string, maxEventTime: EventTime, appendedAt: number): EventTime {
    if (this.#appendedAt > 0) this.#activeMs += Math.min(Math.max(0, appendedAt - this.#appendedAt), maxGapMs)
    this.#appendedAt = Math.max(this.#appendedAt, appendedAt)
    const known = this.#sources.get(source)
    if (known) {
      known.maxEventTime = Math.max(known.maxEventTime, maxEventTime)
      known.lastSeenMs = this.#activeMs
    } else {
      this.#sources.set(source, { maxEventTime, lastSeenMs: this.#activeMs })
    }
    return this.raise(this.#heldBack() - this.#options.disorderMs)
  }

  /** Moves the watermark forward to `time`, if it is not there yet: for what is known otherwise than from records. */
  raise(time: EventTime): EventTime {
    if (time > this.#watermark) this.#watermark = time
    return this.#watermark
  }

  /** All of the clock's state as text: `watermark;appendedAt;activeMs;source=maxEventTime.lastSeenMs;…` in base 36. */
  memo(): string {
    const sources = [...this.#sources].map(
      ([name, time]) => `${encodeURIComponent(name)}=${base36(time.maxEventTime)}.${base36(time.lastSeenMs)}`,
    )
    return [
      this.#watermark === -Infinity ? '' : base36(this.#watermark),
      base36(this.#appendedAt),
      base36(this.#activeMs),
      ...sources,
    ].join(';')
  }

  #restore(memo: string): void {
    const [watermark, appendedAt, activeMs, ...sources] = memo.split(';')
    this.#watermark = watermark ? parseInt(watermark, 36) : -Infinity
    this.#appendedAt = parseInt(appendedAt!, 36)
    this.#activeMs = parseInt(activeMs!, 36)
    for (const text of sources) {
      const [name, times] = text.split('=') as [string, string]
      const [maxEventTime, lastSeenMs] = times.split('.') as [string, string]
      this.#sources.set(decodeURIComponent(name), {
        maxEventTime: parseInt(maxEventTime, 36),
        lastSeenMs: parseInt(lastSeenMs, 36),
      })
    }
  }

  /** The least of the sources' times, and forgets those that have gone idle. */
  #heldBack(): EventTime {
    let foremost = -Infinity
    for (const [name, { maxEventTime, lastSeenMs }] of this.#sources) {
      if (this.#activeMs - lastSeenMs > this.#options.sourceIdleMs) this.#sources.delete(name)
      else foremost = Math.max(foremost, maxEventTime)
    }
    let least = foremost
    for (const { maxEventTime } of this.#sources.values()) {
      if (maxEventTime < least && foremost - maxEventTime <= this.#options.maxHoldBackMs) least = maxEventTime
    }
    return least
  }
}

const base36 = (time: number) => Math.round(time).toString(36)
