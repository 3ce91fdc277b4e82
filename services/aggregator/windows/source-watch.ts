import type { EventClock, SilentSource } from '../../../shared/stream/event-clock.ts'
import type { Output, TaskContext } from '../../../shared/stream/task.ts'
import type { AggregatorMetrics } from '../metrics.ts'

/** One line a task is enough for a person to see that windows are waiting. */
const logEveryMs = 60_000

/** A look at the clock after each record would tell nothing more. */
const lookEveryMs = 1_000

interface SourceWatchOptions {
  /** When a silent source is worth a word, milliseconds. */
  readonly sourceIdleMs: number
  /** The service that reads the sources. */
  readonly readers: string
}

/** Says, in metrics and in the log, which silent sources the windows of one partition wait for, and which no longer: because they are idle, or for too long behind. */
export class SourceWatch {
  readonly #options: SourceWatchOptions
  readonly #context: TaskContext
  readonly #metrics: AggregatorMetrics
  #lookedAt = -Infinity
  #loggedAt = -Infinity

  constructor(options: SourceWatchOptions, context: TaskContext, metrics: AggregatorMetrics) {
    this.#options = options
    this.#context = context
    this.#metrics = metrics
  }

  look(clock: EventClock, out: Output, isQuiet: boolean): void {
    const abandoned = clock.takeAbandoned()
    const idled = clock.takeIdled()
    // What is read again has been told before.
    if (out.isDiscarded) return
    for (const source of abandoned) this.#tellAbandoned(source)
    this.#metrics.sourcesIdled.inc(idled)
    const now = this.#context.now()
    const hasNews = isQuiet || idled > 0 || abandoned.length > 0
    if (!hasNews && now - this.#lookedAt < lookEveryMs) return
    this.#lookedAt = now
    const { topic, partition } = this.#context
    this.#metrics.sourcesIdle.set({ topic, partition }, clock.idle)
    // In a quiet time no source speaks, and the log's own time stands still.
    const silent = clock.behind().filter(({ silentMs }) => isQuiet || silentMs > this.#options.sourceIdleMs)
    this.#metrics.sourcesBehind.set({ topic, partition }, silent.length)
    if (silent.length === 0 || now - this.#loggedAt < logEveryMs) return
    this.#loggedAt = now
    this.#tellWaiting(silent)
  }

  /** All open windows were closed because nobody writes. */
  closed(): void {
    this.#metrics.idleClosings.inc()
  }

  #tellWaiting(silent: readonly SilentSource[]): void {
    const { topic, partition, log } = this.#context
    const sources = silent.map(nameOf)
    const more = sources.length > 3 ? ` and ${sources.length - 3} more` : ''
    log.warn(
      { topic, partition, sources },
      `windows wait for ${sources.slice(0, 3).join(', ')}${more}, silent without having been read to the end: see whether the ${this.#options.readers}’s workers run and keep up there (tidemark_lag_records); how long windows wait is aggregator.maxBehindMs`,
    )
  }

  #tellAbandoned(source: SilentSource): void {
    const { topic, partition, log } = this.#context
    this.#metrics.sourcesAbandoned.inc()
    log.error(
      { topic, partition, source: nameOf(source) },
      `windows no longer wait for ${nameOf(source)}, which was silent for longer than aggregator.maxBehindMs without having been read to the end: what the ${this.#options.readers} still reads there may be late, and a replay brings it home`,
    )
  }
}

const nameOf = ({ topic, partition }: SilentSource) => `${topic}/${partition}`
