import { readClock, type SourceTime, type Topic, writeClock } from './event-clock-memo.ts'
import type { EventTime, TopicPartition } from './task.ts'

export interface EventClockOptions {
  /** How far out of order the events of one source may be, milliseconds. */
  readonly disorderMs: number
  /** A source that has written nothing for so long no longer holds the watermark back, unless it may be behind, milliseconds. */
  readonly sourceIdleMs: number
  /** A silent source that has not said that it is idle holds the watermark back for so long, milliseconds; with 0, no longer than others. */
  readonly maxBehindMs: number
  /** A source whose events are further behind the foremost than this does not hold the watermark back either, unless it is catching up, milliseconds. */
  readonly maxHoldBackMs: number
}

/** A record, as the clock sees it. */
export interface Sighting extends TopicPartition {
  /** The record is about one partition of one topic upstream, which has so many; 0 when unknown. */
  readonly partitions: number
  /** When the upstream record was appended there: how far the reading of it has come. 0 when unknown. */
  readonly readUpTo: number
  /** The latest event in the record; -Infinity when it tells of none. */
  readonly maxEventTime: EventTime
  /** Whether the source has been read to its end and brings nothing; null when it does not tell. */
  readonly isIdle: boolean | null
  /** When the broker appended the record to this log. */
  readonly appendedAt: number
}

/** A source that is waited for although it is silent, because it may be behind. */
export interface SilentSource extends TopicPartition {
  /** For how long, in the time in which others wrote, milliseconds. */
  readonly silentMs: number
}

/** A stretch of the log in which nobody wrote counts no more than this towards anyone's silence. */
const maxGapMs = 5_000

/** A source whose upstream is read with this delay against the foremost is catching up. */
const catchingUpMs = 10_000

/**
 * The watermark of one partition: no more events before it are expected. It is the least, over the sources that write
 * into the partition, of the highest event time each has shown, less the allowed disorder; it never goes back. A fast
 * source so waits for a slow one. All partitions of a source's topic are waited for from the beginning, and a source
 * that is working off a backlog is waited for however far behind it is: its delay is that of its reader, so its events
 * will come. For the same reason a silent source is waited for, within bounds, until it has said that it is idle; only of
 * one that never says so is silence enough. A source that merely brings old events is waited for within bounds. All of
 * it depends on the log alone (what sources say, event times, and the times at which brokers appended the records), so
 * reading the log again gives the same watermarks.
 */
export class EventClock {
  readonly #options: EventClockOptions
  readonly #topics = new Map<string, Topic>()
  readonly #abandoned: SilentSource[] = []
  #idled = 0
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
    const { partition, maxEventTime, readUpTo, isIdle, appendedAt } = sighting
    if (this.#appendedAt > 0) this.#activeMs += Math.min(Math.max(0, appendedAt - this.#appendedAt), maxGapMs)
    this.#appendedAt = Math.max(this.#appendedAt, appendedAt)
    const { sources } = this.#expect(sighting)
    const source = sources.get(partition) ?? this.#unheard(isIdle)
    sources.set(partition, source)
    source.maxEventTime = Math.max(source.maxEventTime, maxEventTime)
    source.readUpTo = Math.max(source.readUpTo, readUpTo)
    source.isIdle = isIdle
    // What says that nothing comes is no sign of life.
    if (!isIdle) source.lastSeenMs = this.#activeMs
    return this.raise(this.#heldBack() - this.#options.disorderMs)
  }

  /** Moves the watermark forward to `time`, if it is not there yet: for what is known otherwise than from records. */
  raise(time: EventTime): EventTime {
    if (time > this.#watermark) this.#watermark = time
    return this.#watermark
  }

  /** The sources that may be behind: they have not said that they are idle, and always say so. */
  behind(): readonly SilentSource[] {
    if (this.#options.maxBehindMs === 0) return []
    return [...this.#topics].flatMap(([topic, { sources }]) =>
      [...sources].flatMap(([partition, { isIdle, lastSeenMs }]) =>
        isIdle === false ? [{ topic, partition, silentMs: this.#activeMs - lastSeenMs }] : [],
      ),
    )
  }

  /** Waits no longer for the sources that may be behind, until they write again. */
  abandonBehind(): void {
    for (const source of this.behind()) this.#abandon(source)
  }

  /** Those that are no longer waited for although they may be behind, since the last call. */
  takeAbandoned(): readonly SilentSource[] {
    return this.#abandoned.splice(0)
  }

  /** The latest event that a source has shown; -Infinity when it is not known, or has shown none. */
  latestOf({ topic, partition }: TopicPartition): EventTime {
    return this.#topics.get(topic)?.sources.get(partition)?.maxEventTime ?? -Infinity
  }

  /** How many sources are not waited for now, because they are idle. */
  get idle(): number {
    let count = 0
    for (const { idle } of this.#topics.values()) count += idle.size
    return count
  }

  /** How often a source has become idle, so that the watermark passes it, since the last call. */
  takeIdled(): number {
    const idled = this.#idled
    this.#idled = 0
    return idled
  }

  /** All of the clock's state as text. */
  memo(): string {
    return writeClock({
      watermark: this.#watermark,
      appendedAt: this.#appendedAt,
      activeMs: this.#activeMs,
      topics: this.#topics,
    })
  }

  /** Goes on from `memo()`. Throws RangeError when it is none. */
  restore(memo: string): void {
    const { watermark, appendedAt, activeMs, topics } = readClock(memo)
    this.#watermark = watermark
    this.#appendedAt = appendedAt
    this.#activeMs = activeMs
    this.#topics.clear()
    for (const [name, topic] of topics) this.#topics.set(name, topic)
  }

  /**
   * The partitions that are new since the topic was last heard of will be heard of, unless they turn out idle. A topic
   * that has not shown any event may never do so: of it nothing is expected.
   */
  #expect({ topic: name, partitions, maxEventTime, isIdle }: Sighting): Topic {
    let topic = this.#topics.get(name)
    if (!topic) {
      topic = { partitions: 0, sources: new Map(), idle: new Set() }
      this.#topics.set(name, topic)
    }
    if (topic.partitions === 0 && maxEventTime === -Infinity) return topic
    for (; topic.partitions < partitions; topic.partitions++)
      if (!topic.sources.has(topic.partitions)) topic.sources.set(topic.partitions, this.#unheard(isIdle))
    return topic
  }

  /** The readers of a topic are alike: when one tells whether it is idle, so will the others. */
  #unheard(isIdle: boolean | null): SourceTime {
    return {
      maxEventTime: -Infinity,
      readUpTo: 0,
      lastSeenMs: this.#activeMs,
      isIdle: isIdle === null ? null : false,
    }
  }

  #abandon({ topic, partition, silentMs }: SilentSource): void {
    this.#topics.get(topic)!.sources.delete(partition)
    this.#abandoned.push({ topic, partition, silentMs })
  }

  #noteIdle({ idle }: Topic, partition: number): void {
    if (idle.has(partition)) return
    idle.add(partition)
    this.#idled++
  }

  /** The least of the sources' times, and forgets those that are not waited for any more. */
  #heldBack(): EventTime {
    const { sourceIdleMs, maxBehindMs, maxHoldBackMs } = this.#options
    let foremost = -Infinity
    let foremostRead = 0
    const waited: { readonly source: SourceTime; readonly isSilent: boolean }[] = []
    for (const [name, topic] of this.#topics) {
      const { partitions, sources } = topic
      for (const [partition, source] of sources) {
        const { isIdle, lastSeenMs, maxEventTime, readUpTo } = source
        const isExpected = partitions > 0 || maxEventTime > -Infinity
        const silentMs = this.#activeMs - lastSeenMs
        const isSilent = silentMs > sourceIdleMs
        // Of one that never tells, or with no patience for any, silence is idleness.
        const isForgotten = isSilent && (isIdle === null || (isIdle === false && maxBehindMs === 0))
        if (isForgotten) {
          sources.delete(partition)
          this.#noteIdle(topic, partition)
        } else if (isSilent && isIdle === false && silentMs > maxBehindMs) {
          this.#abandon({ topic: name, partition, silentMs })
        } else if (!isIdle || (!isSilent && isExpected)) {
          topic.idle.delete(partition)
          waited.push({ source, isSilent })
          foremost = Math.max(foremost, maxEventTime)
          foremostRead = Math.max(foremostRead, readUpTo)
        } else this.#noteIdle(topic, partition)
      }
    }
    let least = foremost
    for (const { source, isSilent } of waited) {
      const { maxEventTime, readUpTo } = source
      const isUnheard = maxEventTime === -Infinity
      const catchesUp = isSilent || (readUpTo > 0 && foremostRead - readUpTo > catchingUpMs)
      if (maxEventTime < least && (isUnheard || catchesUp || foremost - maxEventTime <= maxHoldBackMs))
        least = maxEventTime
    }
    return least
  }
}
