import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { PointBatch, WindowBatch } from '../../shared/avro/types.ts'
import { EventClock } from '../../shared/stream/event-clock.ts'
import { readTopic } from '../../shared/stream/read-topic.ts'
import type { Topic } from '../../shared/stream/topic.ts'
import { type Installation, silent } from './installation.ts'

/** A time by the broker's clock, milliseconds, of a partition and the end of a window; undefined when it never came. */
type LogTimes = (partition: number, end: number) => number | undefined

/**
 * When the watermark passed the end of each window: the append time of the record of points that moved it on. The
 * watermark is a function of the log, so that it can be told afterwards.
 */
export async function watermarkTimes(installation: Installation, ends: readonly number[]): Promise<LogTimes> {
  const clocks = new Map<number, EventClock>()
  const times = new Times()
  await readValues<PointBatch>(installation, installation.topics.points, (partition, timestamp, value) => {
    const clock = clocks.get(partition) ?? new EventClock(installation.config.aggregator)
    clocks.set(partition, clock)
    const { topic, partition: from, partitions, lastTimestamp } = value.source
    const watermark = clock.observe({
      topic,
      partition: from,
      partitions,
      readUpTo: lastTimestamp,
      maxEventTime: value.times.reduce(
        (latest, time) => Math.max(latest, time),
        value.sourceTime ?? -Infinity,
      ),
      isIdle: value.sourceIsIdle,
      appendedAt: timestamp,
    })
    for (const end of ends) if (end <= watermark) times.note(partition, end, timestamp)
  })
  return times.get
}

/** When the first record of the windows that end at each time was appended to their topic. */
export async function windowTimes(installation: Installation): Promise<LogTimes> {
  const times = new Times()
  await readValues<WindowBatch>(installation, installation.topics.windows, (partition, timestamp, value) => {
    for (const { start, sizeMs } of value.windows) times.note(partition, start + sizeMs, timestamp)
  })
  return times.get
}

/** Keeps the first time of each place. */
class Times {
  readonly #times = new Map<string, number>()

  note(partition: number, end: number, time: number): void {
    const place = `${partition} ${end}`
    if (!this.#times.has(place)) this.#times.set(place, time)
  }

  readonly get: LogTimes = (partition, end) => this.#times.get(`${partition} ${end}`)
}

async function readValues<T>(
  { config }: Installation,
  { name, schema }: Topic<T>,
  onValue: (partition: number, timestamp: number, value: T) => void,
): Promise<void> {
  const codec = new Codec(connectRegistry(config.registry))
  await readTopic(config.kafka, name, silent, async ({ bytes, partition, timestamp }) => {
    if (!bytes) return
    if (!codec.isPrepared(schema, bytes)) await codec.prepareReader(schema, bytes)
    onValue(partition, timestamp, codec.decode(schema, bytes) as T)
  })
}
