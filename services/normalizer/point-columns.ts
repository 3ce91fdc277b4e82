import type {
  Exemplar,
  Histogram,
  PointBatch,
  PointExemplar,
  Series,
  Source,
} from '../../shared/avro/types.ts'
import { bytesOfExemplar, higher } from '../../shared/points/exemplars.ts'
import { PointPacker } from '../../shared/points/point-packer.ts'
import type { EventTime, StreamRecord } from '../../shared/stream/task.ts'
import type { CountedSamples } from './format.ts'
import type { RecordBudget } from './record-budget.ts'
import type { SeriesRef } from './series-cache.ts'

/** The columns of one batch on its way to one partition. */
interface Columns {
  readonly number: number
  readonly firstOffset: number
  readonly series: Series[]
  readonly points: PointPacker
  readonly histograms: Histogram[]
  readonly exemplars: PointExemplar[]
  /** Of the dictionary, the histograms and the exemplars. */
  bytes: number
}

/** Avro bytes of one batch, so that it fits into one produce request of 900 kB; only a single series may be larger. */
const maxBatchBytes = 850_000

/** What a format leaves out of a histogram. */
export const noSamples = {
  min: null,
  max: null,
  bounds: [],
  counts: [],
  values: [],
  scale: 0,
  zeroCount: 0,
  positiveOffset: 0,
  positiveCounts: [],
  negativeOffset: 0,
  negativeCounts: [],
  sketch: Buffer.alloc(0),
} satisfies Partial<Histogram>

/** Avro bytes at most, but for counts beyond a million million. */
const bytesOfHistogram = ({
  bounds,
  counts,
  values,
  positiveCounts,
  negativeCounts,
  sketch,
}: CountedSamples) =>
  100 +
  8 * ((bounds?.length ?? 0) + (values?.length ?? 0)) +
  6 * ((counts?.length ?? 0) + (positiveCounts?.length ?? 0) + (negativeCounts?.length ?? 0)) +
  (sketch?.length ?? 0)

/** A series that has no exemplar in the batch. */
const none = -1

const secondOf = (time: EventTime) => Math.floor(time / 1_000)

export type SendPoints = (partition: number, batch: PointBatch) => void

/**
 * Sorts points into one batch a partition, each in the order in which they came. It lives as long as its task: batches
 * are numbered, and each series remembers the number of the batch that it was last put into.
 */
export class PointColumns {
  readonly #maxPoints: number
  readonly #rawPartitions: number
  readonly #budget: RecordBudget
  /** By partition. */
  readonly #columns: (Columns | undefined)[] = []
  #send: SendPoints = () => undefined
  #record: StreamRecord<unknown> | undefined
  #batches = 0
  /** Of all points so far. */
  latest: EventTime = -Infinity

  /** `rawPartitions` is the number of partitions of the raw topic. */
  constructor(maxPoints: number, rawPartitions: number, budget: RecordBudget) {
    this.#budget = budget
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
    if (ref.batch !== columns.number) columns = this.#enter(ref, columns, ref.bytes)
    if (time > this.latest) this.latest = time
    const { points } = columns
    ref.decimals = points.add(ref.index, time, value, ref.decimals)
    if (points.count >= this.#maxPoints || columns.bytes + points.bytes > maxBatchBytes)
      this.#finish(ref.partition, columns)
  }

  addHistogram(ref: SeriesRef, counted: CountedSamples): void {
    let columns = this.#columns[ref.partition] ?? this.#begin(ref.partition)
    const bytes = bytesOfHistogram(counted)
    this.#budget.spend(bytes)
    const isNew = ref.batch !== columns.number
    if (isNew || columns.bytes + bytes + columns.points.bytes > maxBatchBytes)
      columns = this.#enter(ref, columns, ref.bytes + bytes)
    if (counted.time > this.latest) this.latest = counted.time
    columns.bytes += bytes
    columns.histograms.push({ ...noSamples, ...counted, seriesIndex: ref.index })
  }

  /**
   * Of a point or histogram of that time. A window keeps the highest only: of those of a series in one second a batch has no
   * other, lest each span of a busy service bring its own.
   */
  addExemplar(ref: SeriesRef, time: EventTime, exemplar: Exemplar): void {
    let columns = this.#columns[ref.partition] ?? this.#begin(ref.partition)
    const at = ref.batch === columns.number ? (ref.exemplarAt ?? none) : none
    const last = columns.exemplars[at]
    if (last && secondOf(last.time) === secondOf(time)) {
      if (higher(last.exemplar, exemplar) === last.exemplar) return
      columns.bytes += bytesOfExemplar(exemplar) - bytesOfExemplar(last.exemplar)
      columns.exemplars[at] = { seriesIndex: ref.index, time, exemplar }
      return
    }
    const bytes = bytesOfExemplar(exemplar)
    this.#budget.spend(bytes)
    const isNew = ref.batch !== columns.number
    if (isNew || columns.bytes + bytes + columns.points.bytes > maxBatchBytes)
      columns = this.#enter(ref, columns, ref.bytes + bytes)
    columns.bytes += bytes
    ref.exemplarAt = columns.exemplars.push({ seriesIndex: ref.index, time, exemplar }) - 1
  }

  /** Sends all that is gathered. */
  flush(): void {
    for (const [partition, columns] of this.#columns.entries()) if (columns) this.#finish(partition, columns)
  }

  /** Puts a series into the dictionary of this batch, or of the next if there is no room for it and what comes with it. */
  #enter(ref: SeriesRef, columns: Columns, bytes: number): Columns {
    this.#budget.spend(bytes)
    const { points, histograms, exemplars } = columns
    const isFull = columns.bytes + bytes + points.bytes > maxBatchBytes
    let entered = columns
    if (isFull && points.count + histograms.length + exemplars.length > 0) {
      this.#finish(ref.partition, columns)
      entered = this.#begin(ref.partition)
    }
    ref.batch = entered.number
    ref.index = entered.series.push(ref.series) - 1
    ref.decimals = 0
    ref.exemplarAt = none
    entered.bytes += ref.bytes
    return entered
  }

  #begin(partition: number): Columns {
    const columns: Columns = {
      number: this.#batches++,
      firstOffset: this.#record!.offset,
      series: [],
      points: new PointPacker(),
      histograms: [],
      exemplars: [],
      bytes: 0,
    }
    this.#columns[partition] = columns
    return columns
  }

  #finish(partition: number, { firstOffset, series, points, histograms, exemplars }: Columns): void {
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
    const columns = { ...noColumns, histograms, exemplars, packed: points.finish() }
    this.#send(partition, { source, series, ...columns, sourceIsIdle: null, sourceTime: null })
  }
}

/** They are packed. */
const noColumns = { seriesIndex: [], times: [], values: [] }
