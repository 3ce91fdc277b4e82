import type { EventTime } from './task.ts'

export interface EventClockOptions {
  /** How far out of order the events of one source may be, milliseconds. */
  readonly disorderMs: number
  /** A source that has written nothing for so long no longer holds the watermark back, milliseconds. */
  readonly sourceIdleMs: number
  /** A source whose events are further behind the foremost than this does not hold the watermark back either, unless it is catching up, milliseconds. */
  readonly maxHoldBackMs: number
}

/** A record, as the clock sees it. */
export interface Sighting {
  /** One partition of one topic, upstream. */
  readonly topic: string
  readonly partition: number
  /** How many partitions that topic has; 0 when unknown. */
  readonly partitions: number
  /** When the upstream record was appended there: how far the reading of it has come. 0 when unknown. */
  readonly readUpTo: number
  /** The latest event in the record. */
  readonly maxEventTime: EventTime
  /** When the broker appended the record to this log. */
  readonly appendedAt: number
}

interface SourceTime {
  maxEventTime: EventTime
  readUpTo: number
  /** On the clock of this log, see `#activeMs`. */
  lastSeenMs: number
}

interface Topic {
  partitions: number
  readonly sources: Map<number, SourceTime>
}

/** A stretch of the log in which nobody wrote counts no more than this towards anyone's idleness. */
const maxGapMs = 5_000

/** A source whose upstream is read with this delay against the foremost is catching up. */
const catchingUpMs = 10_000

/**
 * The watermark of one partition: no more events before it are expected. It is the least, over the sources that write
 * into the partition, of the highest event time each has shown, less the allowed disorder; it never goes back. A fast
 * source so waits for a slow one. All partitions of a source's topic are waited for from the beginning, and a source
 * that is working off a backlog is waited for however far behind it is: its delay is that of its reader, so its events
 * will come. A source that merely brings old events is waited for within bounds. All of it depends on the log alone
 * (event times, and the times at which brokers appended the records), so reading the log again gives the same watermarks.
 */
export class EventClock {
  readonly #options: EventClockOptions
  readonly #topics = new Map<string, Topic>()
  #watermark: EventTime = -Infinity
  #appendedAt = 0
  /** Time in which the log was being written, by its append times, with long gaps cut short. */
  #activeMs = 0

  /** Throws RangeError when the memo was not written by `memo()`. */
  constructor(options: EventClockOptions, memo?: string) {
    this.#options = options
    if (memo) this.restore(memo)
  }

  get watermark(): EventTime {
    return this.#watermark
  }

  /** Takes note of a record. Returns the watermark after it. */
  observe(sighting: Sighting): EventTime {
    const { topic: name, partition, partitions, maxEventTime, readUpTo, appendedAt } = sighting
    if (this.#appendedAt > 0) this.#activeMs += Math.min(Math.max(0, appendedAt - this.#appendedAt), maxGapMs)
    this.#appendedAt = Math.max(this.#appendedAt, appendedAt)
    const topic = this.#expect(name, partitions)
    const known = topic.sources.get(partition)
    if (known) {
      known.maxEventTime = Math.max(known.maxEventTime, maxEventTime)
      known.readUpTo = Math.max(known.readUpTo, readUpTo)
      known.lastSeenMs = this.#activeMs
    } else {
      topic.sources.set(partition, { maxEventTime, readUpTo, lastSeenMs: this.#activeMs })
    }
    return this.raise(this.#heldBack() - this.#options.disorderMs)
  }

  /** Moves the watermark forward to `time`, if it is not there yet: for what is known otherwise than from records. */
  raise(time: EventTime): EventTime {
    if (time > this.#watermark) this.#watermark = time
    return this.#watermark
  }

  /**
   * All of the clock's state as text, in base 36: `watermark;appendedAt;activeMs` and for each topic
   * `;name=partitions,source,source…`, a source being `partition.maxEventTime.readUpTo.lastSeen`, where times are
   * distances from `appendedAt` and from `activeMs`; an empty maxEventTime means that it was not heard of yet.
   */
  memo(): string {
    const topics = [...this.#topics].map(([name, { partitions, sources }]) => {
      const texts = [...sources].map(([partition, { maxEventTime, readUpTo, lastSeenMs }]) =>
        [
          base36(partition),
          maxEventTime === -Infinity ? '' : base36(this.#appendedAt - maxEventTime),
          base36(this.#appendedAt - readUpTo),
          base36(this.#activeMs - lastSeenMs),
        ].join('.'),
      )
      return `${encodeURIComponent(name)}=${[base36(partitions), ...texts].join(',')}`
    })
    return [
      this.#watermark === -Infinity ? '' : base36(this.#watermark),
      base36(this.#appendedAt),
      base36(this.#activeMs),
      ...topics,
    ].join(';')
  }

  /** Goes on from `memo()`. Throws RangeError when it is none. */
  restore(memo: string): void {
    const [watermark, appendedAt, activeMs, ...topics] = memo.split(';')
    this.#topics.clear()
    this.#watermark = watermark ? parse(watermark) : -Infinity
    this.#appendedAt = parse(appendedAt)
    this.#activeMs = parse(activeMs)
    for (const text of topics) {
      const [name = '', columns = ''] = text.split('=')
      const [partitions, ...sources] = columns.split(',')
      const topic: Topic = { partitions: parse(partitions), sources: new Map() }
      this.#topics.set(decodeURIComponent(name), topic)
      for (const source of sources) {
        const [partition, behind, unread, unseen] = source.split('.')
        topic.sources.set(parse(partition), {
          maxEventTime: behind === '' ? -Infinity : this.#appendedAt - parse(behind),
          readUpTo: this.#appendedAt - parse(unread),
          lastSeenMs: this.#activeMs - parse(unseen),
        })
      }
    }
  }

  /** The partitions that are new since the topic was last heard of will be heard of, unless they turn out idle. */
  #expect(name: string, partitions: number): Topic {
    let topic = this.#topics.get(name)
    if (!topic) {
      topic = { partitions: 0, sources: new Map() }
      this.#topics.set(name, topic)
    }
    for (; topic.partitions < partitions; topic.partitions++) {
      const unheard = { maxEventTime: -Infinity, readUpTo: 0, lastSeenMs: this.#activeMs }
      if (!topic.sources.has(topic.partitions)) topic.sources.set(topic.partitions, unheard)
    }
    return topic
  }

  /** The least of the sources' times, and forgets those that have gone idle. */
  #heldBack(): EventTime {
    const { sourceIdleMs, maxHoldBackMs } = this.#options
    let foremost = -Infinity
    let foremostRead = 0
    for (const { sources } of this.#topics.values()) {
      for (const [partition, { maxEventTime, readUpTo, lastSeenMs }] of sources) {
        if (this.#activeMs - lastSeenMs > sourceIdleMs) sources.delete(partition)
        else {
          foremost = Math.max(foremost, maxEventTime)
          foremostRead = Math.max(foremostRead, readUpTo)
        }
      }
    }
    let least = foremost
    for (const { sources } of this.#topics.values()) {
      for (const { maxEventTime, readUpTo } of sources.values()) {
        const isUnheard = maxEventTime === -Infinity
        const catchesUp = readUpTo > 0 && foremostRead - readUpTo > catchingUpMs
        if (maxEventTime < least && (isUnheard || catchesUp || foremost - maxEventTime <= maxHoldBackMs))
          least = maxEventTime
      }
    }
    return least
  }
}

const base36 = (time: number) => Math.round(time).toString(36)

function parse(text: string | undefined): number {
  const number = Number.parseInt(text ?? '', 36)
  if (Number.isNaN(number)) throw new RangeError('not a memo of an event clock')
  return number
}
