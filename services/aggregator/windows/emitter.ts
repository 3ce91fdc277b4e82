import type { Window, WindowBatch, WindowStep } from '../../../shared/avro/types.ts'
import type { EventTime, Output } from '../../../shared/stream/task.ts'
import type { Topic } from '../../../shared/stream/topic.ts'
import { aggregateBytes, figureBytes, maxRecordBytes, seriesBytes } from './record-size.ts'

interface Batch {
  readonly windows: Window[]
  bytes: number
}

/** Whose windows they are, and where they go. */
interface EmitterOptions {
  readonly topic: Topic<WindowBatch>
  /** Of that topic. */
  readonly partitions: number
  /** The partition that is worked on, and how many there are. */
  readonly source: { readonly step: WindowStep; readonly partition: number; readonly partitions: number }
}

/** Gathers windows by the partition of their series, and sends them in records of bounded size. */
export class WindowEmitter {
  readonly #options: EmitterOptions
  /** The partitions in which series of this source can be. */
  readonly #reached: readonly number[]
  readonly #batches = new Map<number, Batch>()

  constructor(options: EmitterOptions) {
    this.#options = options
    const { partitions, source } = options
    // Both numbers are remainders of one hash: they are equal in what the numbers of partitions have in common.
    const common = greatestCommonDivisor(partitions, source.partitions)
    this.#reached = Array.from(
      { length: partitions / common },
      (_, i) => (source.partition % common) + i * common,
    )
  }

  add(hash: number, window: Window, out: Output): void {
    const partition = hash % this.#options.partitions
    const bytes = figureBytes + seriesBytes(window.series) + aggregateBytes(window)
    let batch = this.#batches.get(partition)
    if (batch && batch.bytes + bytes > maxRecordBytes) {
      this.#send(partition, batch, out)
      batch = undefined
    }
    if (!batch) {
      batch = { windows: [], bytes: 0 }
      this.#batches.set(partition, batch)
    }
    batch.windows.push(window)
    batch.bytes += bytes
  }

  /**
   * Sends what was gathered, and with it the watermark; if that has moved on by a window, to all partitions that series
   * of this source can be in, so that a reader knows which have had no points. Called after each record of the input,
   * so that what is sent depends on the log alone.
   */
  flush(watermark: EventTime, hasMoved: boolean, out: Output): void {
    const told = watermark > -Infinity ? watermark : null
    if (hasMoved && !out.isDiscarded)
      for (const partition of this.#reached)
        if (!this.#batches.has(partition)) this.#batches.set(partition, { windows: [], bytes: 0 })
    for (const [partition, batch] of this.#batches) this.#send(partition, batch, out, told)
  }

  #send(partition: number, { windows }: Batch, out: Output, watermark: EventTime | null = null): void {
    this.#batches.delete(partition)
    const { topic, source } = this.#options
    out.send(topic, partition, {
      windows,
      source: { step: source.step, partition: source.partition, watermark },
      marker: null,
    })
  }
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b)
