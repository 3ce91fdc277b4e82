import type { Exemplar } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { CountedSamples } from '../format.ts'
import type { PointColumns } from '../point-columns.ts'
import type { SeriesRef } from '../series-cache.ts'

/** The points of the part that is being read: its arrays live as long as its task, so that a point allocates nothing. */
export class PartPoints {
  /** Of the points, histograms among them; so many of the arrays' first places are in use. */
  count = 0
  readonly refs: SeriesRef[] = []
  readonly #times: EventTime[] = []
  /** NaN stands for the next of the histograms. */
  readonly #values: number[] = []
  readonly #histograms: CountedSamples[] = []
  readonly #exemplars: { readonly ref: SeriesRef; readonly time: EventTime; readonly exemplar: Exemplar }[] =
    []

  add(ref: SeriesRef, time: EventTime, value: number): void {
    const at = this.count++
    this.refs[at] = ref
    this.#times[at] = time
    this.#values[at] = value
  }

  addHistogram(ref: SeriesRef, counted: CountedSamples): void {
    this.add(ref, counted.time, Number.NaN)
    this.#histograms.push(counted)
  }

  addExemplar(ref: SeriesRef, time: EventTime, exemplar: Exemplar): void {
    this.#exemplars.push({ ref, time, exemplar })
  }

  /** Hands all of them on, in their order. Throws BadRecordError when the record has become too much. */
  sendTo(columns: PointColumns): void {
    let histograms = 0
    for (let i = 0; i < this.count; i++) {
      const value = this.#values[i]!
      if (Number.isNaN(value)) columns.addHistogram(this.refs[i]!, this.#histograms[histograms++]!)
      else columns.add(this.refs[i]!, this.#times[i]!, value)
    }
    for (const { ref, time, exemplar } of this.#exemplars) columns.addExemplar(ref, time, exemplar)
  }

  clear(): void {
    this.count = 0
    if (this.#histograms.length > 0) this.#histograms.length = 0
    if (this.#exemplars.length > 0) this.#exemplars.length = 0
  }
}
