import type { RejectionReason } from '../../../shared/errors.ts'
import type { TaskContext } from '../../../shared/stream/task.ts'
import { Arrivals } from './arrivals.ts'
import { FormatTally, type RecordTally } from './format-tally.ts'
import { type NormalizerMetrics, normalizerMetrics } from './metrics.ts'
import { producerClocksIn } from './producer-clocks.ts'

/** Of records that were refused before their format was found. */
const noFormat = 'unknown'

/** What is counted of the records of one task, by format. */
export class Tallies {
  readonly arrivals: Arrivals
  readonly #topic: string
  readonly #metrics: NormalizerMetrics
  readonly #byFormat = new Map<string, FormatTally>()
  readonly #unknown = this.#of(noFormat)
  #isCounted = true
  #format = noFormat
  #current = this.#unknown
  /** The last format that was found, and its tally: most topics carry one. */
  #lastFormat = noFormat
  #lastTally = this.#unknown

  constructor({ topic, metrics, now }: Pick<TaskContext, 'topic' | 'metrics' | 'now'>) {
    this.#topic = topic
    this.#metrics = normalizerMetrics(metrics)
    this.arrivals = new Arrivals(producerClocksIn(metrics, now))
  }

  /** The next record is in this format, as far as that is known. What a restart reads again is not counted again. */
  begin(isCounted: boolean, format = noFormat): void {
    this.#isCounted = isCounted
    this.#format = format
    if (isCounted) {
      this.#current = format === noFormat ? this.#unknown : this.#found(format)
      this.arrivals.countIn(this.#current.delays)
    } else this.arrivals.ignore()
  }

  /** The record has been read. */
  add(bytes: number, found: RecordTally): void {
    if (this.#isCounted) this.#current.add(bytes, found)
  }

  /** It was refused as a whole, or from some place on. */
  refuse(bytes: number, reason: RejectionReason): void {
    if (this.#isCounted) this.#current.refuse(bytes, reason)
  }

  /** Log events that were finished after the last record. */
  addLogs(count: number): void {
    this.#of(this.#format).addLogs(count)
  }

  report(): void {
    this.arrivals.settle()
    for (const [format, tally] of this.#byFormat) tally.report(this.#metrics, this.#topic, format)
  }

  countWindowCuts(count: number): void {
    this.#metrics.duplicateWindowCuts.inc({ topic: this.#topic }, count)
  }

  #found(format: string): FormatTally {
    if (format !== this.#lastFormat) {
      this.#lastTally = this.#of(format)
      this.#lastFormat = format
    }
    return this.#lastTally
  }

  #of(format: string): FormatTally {
    let tally = this.#byFormat.get(format)
    if (!tally) {
      tally = new FormatTally()
      this.#byFormat.set(format, tally)
    }
    return tally
  }
}
