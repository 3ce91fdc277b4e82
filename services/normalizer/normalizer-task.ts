import type { Buffer } from 'node:buffer'
import type { LogRecord } from '../../shared/avro/types.ts'
import { BadRecordError } from '../../shared/errors.ts'
import { hashText } from '../../shared/series/series.ts'
import type { EventTime, Output, StreamRecord, Task, TaskContext } from '../../shared/stream/task.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import type { NormalizerConfig } from './config.ts'
import type { Format, Reader } from './format.ts'
import { FormatChoice } from './format-choice.ts'
import { FormatTally, type NormalizerMetrics, normalizerMetrics } from './metrics.ts'
import { Payload } from './payload.ts'
import { PointColumns, type SendPoints } from './point-columns.ts'
import { RecordEvents } from './record-events.ts'
import { SeriesFactory } from './series-cache.ts'

/** Characters of log text in one record of the logs topic. */
const maxLogBatchLength = 400_000

/**
 * Raw bytes to points and logs. Points are gathered from commit to commit, one batch a partition, so that each series is
 * named once for many points; logs go out with each call. What can't be read is refused: the record as a whole, or the
 * parts of it that are wrong while the others go on. No server is asked, so `process` never throws RetryableError, is
 * never repeated, and nothing is gathered twice.
 */
export class NormalizerTask implements Task<Buffer | null> {
  readonly gathers = true
  readonly #config: NormalizerConfig
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #metrics: NormalizerMetrics
  readonly #choice: FormatChoice
  readonly #formats = new Map<Format, FormatWork>()
  readonly #columns: PointColumns
  readonly #events: RecordEvents

  constructor(config: NormalizerConfig, topics: Topics, context: TaskContext) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#metrics = normalizerMetrics(context.metrics)
    this.#choice = new FormatChoice(context.topic, config.formats, context.log)
    this.#columns = new PointColumns(config.maxPointsInRecord, context.inputPartitions)
    const factory = new SeriesFactory(config, context.partitionsOf(topics.points))
    this.#events = new RecordEvents(config, factory, this.#columns)
  }

  process(batch: readonly StreamRecord<Buffer | null>[], out: Output): void {
    const now = this.#context.now()
    this.#columns.sendTo(this.#sendingTo(out))
    for (const record of batch) {
      try {
        this.#read(record, now, out)
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error
        out.reject(record, error.reason, error.message)
      }
    }
    this.#sendLogs(batch, this.#events.takeLogs(), out)
    for (const [format, { tally }] of this.#formats)
      tally.report(this.#metrics, this.#context.topic, format.name)
  }

  beforeCommit(out: Output): void {
    this.#columns.sendTo(this.#sendingTo(out))
    this.#columns.flush()
  }

  #sendingTo(out: Output): SendPoints {
    return (partition, points) => out.send(this.#topics.points, partition, points)
  }

  #read(record: StreamRecord<Buffer | null>, now: EventTime, out: Output): void {
    const events = this.#events
    events.readFrom(record, now)
    const bytes = record.value
    if (!bytes?.length) throw new BadRecordError('empty', 'the record has no value')
    if (bytes.length > this.#config.maxMessageBytes) {
      throw new BadRecordError(
        'too_large',
        `${bytes.length} bytes: at most ${this.#config.maxMessageBytes} are read (normalizer.maxMessageBytes)`,
      )
    }
    const payload = new Payload(bytes, record.headers)
    const { reader, tally } = this.#workOn(this.#choice.of(payload))
    reader.read(payload, events)
    tally.add(bytes.length, events)
    if (events.refusedParts > 0) this.#reject(record, events, out)
  }

  #workOn(format: Format): FormatWork {
    let work = this.#formats.get(format)
    if (!work) {
      work = { reader: format.createReader(this.#config), tally: new FormatTally() }
      this.#formats.set(format, work)
    }
    return work
  }

  /** Of a record with something wrong in it. */
  #reject(
    record: StreamRecord<unknown>,
    { refusals, refusedParts, points, logs }: RecordEvents,
    out: Output,
  ): void {
    const [first] = refusals
    const count = refusedParts > 1 ? ` (and ${refusedParts - 1} more)` : ''
    const nothingTaken = points === 0 && logs === 0
    out.reject(record, first!.reason, `${first!.detail}${count}`, nothingTaken ? [] : refusals)
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

/** What a task keeps for one format. */
interface FormatWork {
  readonly reader: Reader
  readonly tally: FormatTally
}

function* chunksOf(logs: readonly LogRecord[]): Generator<readonly LogRecord[]> {
  let chunk: LogRecord[] = []
  let length = 0
  for (const log of logs) {
    const more =
      log.message.length +
      Object.entries(log.attributes).reduce((sum, [key, value]) => sum + key.length + value.length, 100)
    if (chunk.length > 0 && length + more > maxLogBatchLength) {
      yield chunk
      chunk = []
      length = 0
    }
    chunk.push(log)
    length += more
  }
  if (chunk.length > 0) yield chunk
}
