import type { Series, SeriesKind } from '../../../shared/avro/types.ts'
import { seriesKey } from '../../../shared/series/series.ts'
import type { TaskContext } from '../../../shared/stream/task.ts'
import type { AggregatorMetrics } from '../metrics.ts'
import type { SeriesEntry } from '../windows/window.ts'

/**
 * A series keeps the kind that came first in the log, until it is forgotten: what its windows hold could not be added
 * up otherwise. Whoever sends another is counted each time, and named in the log once.
 */
export class KindConflicts {
  readonly #context: TaskContext
  readonly #metrics: AggregatorMetrics
  readonly #consequence: string
  readonly #told = new WeakMap<SeriesEntry, SeriesKind>()

  /** `consequence` ends the sentence that begins with the series and its two kinds. */
  constructor(context: TaskContext, metrics: AggregatorMetrics, consequence: string) {
    this.#context = context
    this.#metrics = metrics
    this.#consequence = consequence
  }

  /** Whether what is sent has another kind than is known, by default that of the series. */
  note(entry: SeriesEntry, { kind }: Pick<Series, 'kind'>, known = entry.series.kind): boolean {
    if (kind === known) return false
    const { topic, partition, log } = this.#context
    this.#metrics.otherKind.inc({ topic })
    if (this.#told.get(entry) === kind) return true
    this.#told.set(entry, kind)
    const series = seriesKey(entry.series)
    log.warn(
      { topic, partition, series, known, kind },
      `${series} is known as a ${known} and came as a ${kind}: ${this.#consequence}`,
    )
    return true
  }
}
