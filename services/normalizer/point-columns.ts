import type { PointBatch, Series, Source } from '../../shared/avro/types.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import type { SeriesRef } from './series-cache.ts'

/** The columns of one batch on its way to one partition. */
interface Columns {
  readonly number: number
  readonly firstOffset: number
  readonly series: Series[]
  readonly seriesIndex: number[]
  readonly times: number[]
  readonly values: number[]
  /** Of the dictionary. */
  bytes: number
}

/** Avro bytes of a point at most: three of its index, up to a million series, seven of its time, eight of its value. */
const maxPointBytes = 18

/** Avro bytes of one batch, so that it fits into one produce request of 900 kB; only a single series may be larger. */
const maxBatchBytes = 850_000

export type SendPoints = (partition: number, batch: PointBatch) => void

/**
 * Sorts points into one batch a partition, each in the order in which they came. It lives as long as its task: batches
 * are numbered, and each series remembers the number of the batch that it was last put into.
 */
export class PointColumns {
  readonly #maxPoints: number
  readonly #rawPartitions: number
  /** By partition. */
  readonly #columns: (Columns | undefined)[] = []
  #send: SendPoints = () => undefined
  #record: StreamRecord<unknown> | undefined
  #batches = 0

  /** `rawPartitions` is the number of partitions of the raw topic. */
  constructor(maxPoints: number, rawPartitions: number) {
    this.#maxPoints = maxPoints
    this.#rawPartitions = rawPartitions
  }

  /** Where batches go that are full, until this is called again. */
  sendTo(send: SendPoints): void {
    this.#send = send
  }

  /** Called for each raw record before its points. */
  readFrom(record: StreamRecord<unknown>): void {
    this.#record = record
  }

  add(ref: SeriesRef, time: number, value: number): void {
    let columns = this.#columns[ref.partition] ?? this.#begin(ref.partition)
    if (ref.batch !== columns.number) {
      const full = columns.bytes + ref.bytes + columns.values.length * maxPointBytes > maxBatchBytes
      if (full && columns.values.length > 0) {
        this.#finish(ref.partition, columns)
        columns = this.#begin(ref.partition)
      }
      ref.batch = columns.number
      ref.index = columns.series.push(ref.series) - 1
      columns.bytes += ref.bytes
    }
    columns.seriesIndex.push(ref.index)
    columns.times.push(time)
    const points = columns.values.push(value)
    if (points >= this.#maxPoints || columns.bytes + points * maxPointBytes > maxBatchBytes)
      this.#finish(ref.partition, columns)
  }

  /** Sends all that is gathered. */
  flush(): void {
    for (const [partition, columns] of this.#columns.entries()) if (columns) this.#finish(partition, columns)
  }

  #begin(partition: number): Columns {
    const columns: Columns = {
      number: this.#batches++,
      firstOffset: this.#record!.offset,
      series: [],
      seriesIndex: [],
      times: [],
      values: [],
      bytes: 0,
    }
    this.#columns[partition] = columns
    return columns
  }

  #finish(partition: number, { firstOffset, series, seriesIndex, times, values }: Columns): void {
    this.#columns[partition] = undefined
    const { topic, partition: rawPartition, offset, timestamp, isAppendTime } = this.#record!
    const source: Source = {
      topic,
      partition: rawPartition,
      firstOffset,
      lastOffset: offset,
      // A producer's own time says nothing of how far the reading has come.
      lastTimestamp: isAppendTime ? timestamp : 0,
      partitions: this.#rawPartitions,
    }
    this.#send(partition, {
      source,
      series,
      seriesIndex,
      times,
      values,
      histograms: [],
      sourceIsIdle: null,
      sourceTime: null,
    })
  }
}
