import type { Window, WindowBatch } from '../../../shared/avro/types.ts'
import type { Output } from '../../../shared/stream/task.ts'
import type { Topic } from '../../../shared/stream/topic.ts'
import { figureBytes, maxRecordBytes, seriesBytes } from './record-size.ts'

interface Batch {
  readonly windows: Window[]
  bytes: number
}

/** Gathers windows by the partition of their series, and sends them in records of bounded size. */
export class WindowEmitter {
  readonly #topic: Topic<WindowBatch>
  readonly #partitions: number
  readonly #batches = new Map<number, Batch>()

  constructor(topic: Topic<WindowBatch>, partitions: number) {
    this.#topic = topic
    this.#partitions = partitions
  }

  add(hash: number, window: Window, out: Output): void {
    const partition = hash % this.#partitions
    const bytes = figureBytes + seriesBytes(window.series) + window.sketch.length
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

  /** Sends what was gathered. Called after each record of the input, so that what is sent depends on the log alone. */
  flush(out: Output): void {
    for (const [partition, batch] of this.#batches) this.#send(partition, batch, out)
  }

  #send(partition: number, { windows }: Batch, out: Output): void {
    this.#batches.delete(partition)
    out.send(this.#topic, partition, { windows })
  }
}
