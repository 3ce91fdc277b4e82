import type { PointBatch, Series, Source } from '../../shared/avro/types.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import type { SeriesRef } from './series-cache.ts'

/** The columns of one batch on its way to one partition. */
interface Columns {
  number: number
  series: Series[]
  seriesIndex: number[]
  times: number[]
  values: number[]
}

export type SendPoints = (partition: number, batch: PointBatch) => void

/**
 * Sorts points into one batch a partition. It lives as long as its task: batches are numbered, and each series
 * remembers the number of the batch that it was last put into.
 */
export class PointColumns {
  readonly #maxPoints: number
  readonly #rawPartitions: number
  readonly #columns = new Map<number, Columns>()
  #send: SendPoints = () => undefined
  #source: Source = {
    topic: '',
    partition: 0,
    firstOffset: 0,
    lastOffset: 0,
    lastTimestamp: 0,
    partitions: 0,
  }
  #batches = 0

  /** `rawPartitions` is the number of partitions of the raw topic. */
  constructor(maxPoints: number, rawPartitions: number) {
    this.#maxPoints = maxPoints
    this.#rawPartitions = rawPartitions
  }

  /** Begins anew; full batches are handed to `send` at once, the others by `flush`. */
  open(send: SendPoints): void {
    this.#columns.clear()
    this.#send = send
  }

  /** Called for each raw record before its points. */
  readFrom({ topic, partition, offset, timestamp }: StreamRecord<unknown>): void {
    const firstOffset = this.#columns.size === 0 ? offset : this.#source.firstOffset
    this.#source = {
      topic,
      partition,
      firstOffset,
      lastOffset: offset,
      lastTimestamp: timestamp,
      partitions: this.#rawPartitions,
    }
  }

  add(ref: SeriesRef, time: number, value: number): void {
    let columns = this.#columns.get(ref.partition)
    if (!columns) {
      columns = { number: this.#batches++, series: [], seriesIndex: [], times: [], values: [] }
      this.#columns.set(ref.partition, columns)
    }
    if (ref.batch !== columns.number) {
      ref.batch = columns.number
      ref.index = columns.series.push(ref.series) - 1
    }
    columns.seriesIndex.push(ref.index)
    columns.times.push(time)
    if (columns.values.push(value) >= this.#maxPoints) this.#sendColumns(ref.partition, columns)
  }

  flush(): void {
    for (const [partition, columns] of this.#columns) this.#sendColumns(partition, columns)
  }

  #sendColumns(partition: number, { series, seriesIndex, times, values }: Columns): void {
    this.#columns.delete(partition)
    this.#send(partition, { source: this.#source, series, seriesIndex, times, values, histograms: [] })
  }
}
