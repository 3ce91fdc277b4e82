import type { Buffer } from 'node:buffer'
import type { LogRecord } from '../../shared/avro/types.ts'
import { BadRecordError } from '../../shared/errors.ts'
import { redrivenOf } from '../../shared/replay/redriven.ts'
import { hashText } from '../../shared/series/series.ts'
import type { Output, StreamRecord, Task, TaskContext } from '../../shared/stream/task.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import type { NormalizerConfig } from './config.ts'
import type { Format, Reader } from './format.ts'
import { FormatChoice } from './format-choice.ts'
import { type NormalizerMetrics, normalizerMetrics } from './metrics.ts'
import { Payload } from './payload.ts'
import { PointColumns } from './point-columns.ts'
import { RecordEvents } from './record-events.ts'
import { SeriesFactory } from './series-cache.ts'

/** Characters of log text in one record of the logs topic. */
const maxLogBatchLength = 400_000

/**
 * Raw bytes to points and logs. The events of one call go out together, one batch a partition. What can't be read is
 * refused: the record as a whole, or the parts of it that are wrong while the others go on.
 */
export class NormalizerTask implements Task<Buffer | null> {
  readonly #config: NormalizerConfig
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #metrics: NormalizerMetrics
  readonly #choice: FormatChoice
  readonly #readers = new Map<Format, Reader>()
  readonly #factory: SeriesFactory
  readonly #columns: PointColumns

  constructor(config: NormalizerConfig, topics: Topics, context: TaskContext) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#metrics = normalizerMetrics(context.metrics)
    this.#choice = new FormatChoice(context.topic, config.formats, context.log)
    this.#columns = new PointColumns(config.maxPointsInRecord, context.inputPartitions)
    this.#factory = new SeriesFactory(config, context.partitionsOf(topics.points))
  }

  process(batch: readonly StreamRecord<Buffer | null>[], out: Output): void {
    const columns = this.#columns
    columns.open((partition, points) => out.send(this.#topics.points, partition, points))
    const logs: LogRecord[] = []
    for (const record of batch) {
      columns.readFrom(record)
      try {
        this.#read(record, logs, out)
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error
        out.reject(record, error.reason, error.message)
      }
    }
    columns.flush()
    this.#sendLogs(batch, logs, out)
  }

  #read(record: StreamRecord<Buffer | null>, logs: LogRecord[], out: Output): void {
    const bytes = record.value
    if (!bytes?.length) throw new BadRecordError('empty', 'the record has no value')
    if (bytes.length > this.#config.maxMessageBytes) {
      throw new BadRecordError(
        'too_large',
        `${bytes.length} bytes: at most ${this.#config.maxMessageBytes} are read (normalizer.maxMessageBytes)`,
      )
    }
    const payload = new Payload(bytes, record.headers)
    const format = this.#choice.of(payload)
    const redriven = redrivenOf(record.headers)
    const events = new RecordEvents(
      redriven ? { ...record, timestamp: redriven.timestamp } : record,
      this.#config,
      this.#factory,
      this.#columns,
      this.#context.now(),
      redriven?.only,
    )
    this.#readerOf(format).read(payload, events)
    logs.push(...events.logs)
    this.#count(record, format, events)
    const [first] = events.refusals
    if (!first) return
    const nothingTaken = events.points === 0 && events.logs.length === 0
    const count = events.refusedParts > 1 ? ` (and ${events.refusedParts - 1} more)` : ''
    out.reject(record, first.reason, `${first.detail}${count}`, nothingTaken ? [] : events.refusals)
  }

  #readerOf(format: Format): Reader {
    let reader = this.#readers.get(format)
    if (!reader) {
      reader = format.createReader(this.#config)
      this.#readers.set(format, reader)
    }
    return reader
  }

  #count({ topic, bytes }: StreamRecord<unknown>, { name: format }: Format, events: RecordEvents): void {
    this.#metrics.messages.inc({ topic, format })
    this.#metrics.bytes.inc({ topic, format }, bytes?.length ?? 0)
    if (events.points > 0) this.#metrics.points.inc({ format }, events.points)
    if (events.logs.length > 0) this.#metrics.logs.inc({ format }, events.logs.length)
    if (events.refusedParts > 0) this.#metrics.refusedParts.inc({ format }, events.refusedParts)
    if (events.skippedFields > 0) this.#metrics.skippedFields.inc({ format }, events.skippedFields)
  }

  #sendLogs(batch: readonly StreamRecord<unknown>[], logs: readonly LogRecord[], out: Output): void {
    if (logs.length === 0) return
    const { logs: topic } = this.#topics
    const partitions = this.#context.partitionsOf(topic)
    const source = {
      topic: batch[0]!.topic,
      partition: batch[0]!.partition,
      firstOffset: batch[0]!.offset,
      lastOffset: batch.at(-1)!.offset,
      lastTimestamp: batch.at(-1)!.timestamp,
      partitions: this.#context.inputPartitions,
    }
    for (const [partition, group] of Map.groupBy(logs, ({ service }) => hashText(service) % partitions)) {
      for (const chunk of chunksOf(group)) out.send(topic, partition, { source, logs: chunk })
    }
  }
}

function* chunksOf(logs: readonly LogRecord[]): Generator<readonly LogRecord[]> {
  let chunk: LogRecord[] = []
  let length = 0
  for (const log of logs) {
    chunk.push(log)
    length +=
      log.message.length +
      Object.entries(log.attributes).reduce((sum, [key, value]) => sum + key.length + value.length, 100)
    if (length < maxLogBatchLength) continue
    yield chunk
    chunk = []
    length = 0
  }
  if (chunk.length > 0) yield chunk
}
