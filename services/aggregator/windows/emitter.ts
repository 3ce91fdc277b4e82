import type { Window, WindowBatch } from '../../../shared/avro/types.ts'
import type { Output } from '../../../shared/stream/task.ts'
import type { Topic } from '../../../shared/stream/topic.ts'

/** Windows in one record of the windows topic: some hundred kilobytes with their sketches. */
const maxWindowsInRecord = 500

/** Gathers windows by the partition of their series, and sends them in records of bounded size. */
export class WindowEmitter {
  readonly #topic: Topic<WindowBatch>
  readonly #partitions: number
  readonly #batches = new Map<number, Window[]>()

  constructor(topic: Topic<WindowBatch>, partitions: number) {
    this.#topic = topic
    this.#partitions = partitions
  }

  add(hash: number, window: Window, out: Output): void {
    const partition = hash % this.#partitions
    let windows = this.#batches.get(partition)
    if (!windows) {
      windows = []
      this.#batches.set(partition, windows)
    }
    if (windows.push(window) >= maxWindowsInRecord) this.#send(partition, windows, out)
  }

  /** Sends what was gathered. Called after each record of the input, so that what is sent depends on the log alone. */
  flush(out: Output): void {
    for (const [partition, windows] of this.#batches) this.#send(partition, windows, out)
  }

  #send(partition: number, windows: Window[], out: Output): void {
    this.#batches.delete(partition)
    out.send(this.#topic, partition, { windows })
  }
}
