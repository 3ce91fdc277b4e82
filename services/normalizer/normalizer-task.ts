import type { Buffer } from 'node:buffer'
import { BadRecordError } from '../../shared/errors.ts'
import { hashText } from '../../shared/series/series.ts'
import { chunks } from '../../shared/stream/chunks.ts'
import type { EventTime, Output, StreamRecord, Task, TaskContext } from '../../shared/stream/task.ts'
import type { Topic, Topics } from '../../shared/stream/topic.ts'
import type { NormalizerConfig } from './config.ts'
import { unpacked } from './content-encoding.ts'
import { lengthOfLog, lengthOfSpan, maxBatchLength, sourceOf } from './event-batches.ts'
import type { Format, Reader } from './format.ts'
import { FormatChoice } from './format-choice.ts'
import { FormatTally, type NormalizerMetrics, normalizerMetrics } from './metrics.ts'
import { Payload } from './payload.ts'
import { PointColumns, type SendPoints } from './point-columns.ts'
import { RecordEvents } from './record-events.ts'
import { SeriesFactory } from './series-cache.ts'

/**
 * Raw bytes to points, logs and spans. Points are gathered from commit to commit, one batch a partition, so that each
 * series is named once for many points; logs and spans go out with each call. What can't be read is refused: the record as a whole, or the
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
    this.#sendEvents(batch, out)
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
    const encoding = record.headers['content-encoding']?.toString('utf8')
    const value = unpacked(bytes, encoding, this.#config.maxUnpackedBytes)
    const payload = new Payload(value, record.headers)
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
    { refusals, refusedParts, points, logs, spans }: RecordEvents,
    out: Output,
  ): void {
    const [first] = refusals
    const count = refusedParts > 1 ? ` (and ${refusedParts - 1} more)` : ''
    const nothingTaken = points + logs + spans === 0
    out.reject(record, first!.reason, `${first!.detail}${count}`, nothingTaken ? [] : refusals)
  }

  /** Logs by service, spans by trace, so that who reads them has what belongs together. */
  #sendEvents(batch: readonly StreamRecord<unknown>[], out: Output): void {
    const logs = this.#events.takeLogs()
    const spans = this.#events.takeSpans()
    if (logs.length + spans.length === 0) return
    const source = sourceOf(batch, this.#context.inputPartitions)
    const { logs: logsTopic, spans: spansTopic } = this.#topics
    const partitionOf = (key: string, topic: Topic<unknown>) =>
      hashText(key) % this.#context.partitionsOf(topic)
    for (const [partition, group] of Map.groupBy(logs, ({ service }) => partitionOf(service, logsTopic))) {
      for (const part of chunks(group, lengthOfLog, { maxSize: maxBatchLength }))
        out.send(logsTopic, partition, { source, logs: part })
    }
    for (const [partition, group] of Map.groupBy(spans, ({ traceId }) => partitionOf(traceId, spansTopic))) {
      for (const part of chunks(group, lengthOfSpan, { maxSize: maxBatchLength }))
        out.send(spansTopic, partition, { source, spans: part })
    }
  }
}

/** What a task keeps for one format. */
interface FormatWork {
  readonly reader: Reader
  readonly tally: FormatTally
}
