import type { Buffer } from 'node:buffer'
import { BadRecordError } from '../../shared/errors.ts'
import { hashText } from '../../shared/series/series.ts'
import { chunks } from '../../shared/stream/chunks.ts'
import { letterOf } from '../../shared/stream/dead-letter.ts'
import type {
  EventTime,
  Output,
  QuietStep,
  ResumePoint,
  StreamRecord,
  Task,
  TaskContext,
} from '../../shared/stream/task.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import type { NormalizerConfig } from './config.ts'
import { unpacked } from './content-encoding.ts'
import { type Duplicates, duplicatesIn } from './duplicates/duplicates.ts'
import { lengthOfSpan, maxBatchLength, sourceOf } from './event-batches.ts'
import type { Format, Reader } from './format.ts'
import { FormatChoice } from './format-choice.ts'
import { sendLogs } from './log-batches.ts'
import { readMemo } from './memo.ts'
import { Tallies } from './metrics/tallies.ts'
import { Payload } from './payload.ts'
import { PointColumns, type SendPoints } from './point-columns.ts'
import { RecordBudget } from './record-budget.ts'
import { RecordEvents } from './record-events.ts'
import { SeriesFactory } from './series-cache.ts'
import { type Parked, Tenancy } from './tenants/tenancy.ts'

/**
 * Raw bytes to points, logs and spans. Points are gathered from commit to commit, one batch a partition, so that each
 * series is named once for many points; logs and spans go out with each call. What can't be read is refused: the record as a whole, or the
 * parts of it that are wrong while the others go on. Log events of several lines may wait for the next record: then the
 * log is read again from where they began after a restart. No server is asked, so `process` never throws RetryableError, is
 * never repeated, and nothing is gathered twice.
 */
export class NormalizerTask implements Task<Buffer | null> {
  readonly gathers = true
  readonly #config: NormalizerConfig
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #tallies: Tallies
  readonly #choice: FormatChoice
  readonly #readers = new Map<Format, Reader>()
  readonly #columns: PointColumns
  readonly #events: RecordEvents
  /** Absent without tenants. */
  readonly #tenancy: Tenancy | undefined
  readonly #duplicates: Duplicates | undefined

  /** A log event that goes on over several records must not wait for ever; see `quiet` in Task. */
  readonly quiet: readonly QuietStep[]
  /** The last record that was read. */
  #last: StreamRecord<unknown> | undefined

  /** Throws ConfigurationError when it names an unknown format, RangeError when the memo is damaged. */
  constructor(config: NormalizerConfig, topics: Topics, context: TaskContext, memo?: string) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#tallies = new Tallies(context)
    this.#choice = new FormatChoice(context.topic, config.formats, context.log)
    const budget = new RecordBudget(config.maxUnpackedBytes)
    this.#columns = new PointColumns(config.maxPointsInRecord, context.inputPartitions, budget)
    this.#duplicates = duplicatesIn(context.topic, config)
    const factory = new SeriesFactory(config, context.partitionsOf(topics.points))
    if (config.tenants.from !== 'none')
      this.#tenancy = new Tenancy(config, factory, this.#columns, context, readMemo(memo ?? '').tenants)
    this.#events = new RecordEvents(config, factory, this.#columns, budget, this.#tallies.arrivals, memo, {
      tenancy: this.#tenancy,
      duplicates: this.#duplicates,
    })
    // Twice as long as in the log's own time, so that what comes later than this would not have been joined either.
    this.quiet =
      config.joinLinesMs > 0 ? [{ afterMs: 2 * config.joinLinesMs, act: (out) => this.#flushLines(out) }] : []
  }

  get latest(): EventTime {
    return this.#columns.latest
  }

  process(batch: readonly StreamRecord<Buffer | null>[], out: Output): void {
    const now = this.#context.now()
    this.#columns.sendTo(this.#sendingTo(out))
    if (!out.isDiscarded) this.#events.resume()
    for (const record of batch) {
      try {
        this.#read(record, now, out)
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error
        out.reject(record, error.reason, error.message)
        this.#tallies.refuse(record.value?.length ?? 0, error.reason)
      }
    }
    this.#last = batch.at(-1)!
    this.#sendEvents(batch, out)
    // What is read again for the sake of unfinished log events was gathered and counted before.
    if (out.isDiscarded) this.#columns.flush()
    if (this.#last) this.#tenancy?.report(this.#last.timestamp)
    const cuts = this.#duplicates?.takeCuts() ?? 0
    if (cuts > 0 && !out.isDiscarded) this.#tallies.countWindowCuts(cuts)
    this.#tallies.report()
  }

  beforeCommit(out: Output): void {
    this.#columns.sendTo(this.#sendingTo(out))
    // Log events that come out now may have points to tell.
    if (this.#last) this.#events.resume()
    this.#columns.flush()
    if (!this.#last) return
    this.#sendEvents([this.#last], out)
  }

  /**
   * Where the oldest log event began that waits for more lines, or else the next record; or before it, where the log must be
   * read again to know duplicates.
   */
  resumePoint(): ResumePoint | undefined {
    return this.#last && this.#events.resumeFrom(this.#last.offset + 1)
  }

  #flushLines(out: Output): void {
    if (!this.#last) return
    this.#columns.sendTo(this.#sendingTo(out))
    this.#events.resume()
    this.#events.flushLines()
    this.#tallies.addLogs(this.#events.logs)
    this.#sendEvents([this.#last], out)
  }

  #sendingTo(out: Output): SendPoints {
    return (partition, points) => out.send(this.#topics.points, partition, points)
  }

  #read(record: StreamRecord<Buffer | null>, now: EventTime, out: Output): void {
    const events = this.#events
    this.#tallies.begin(!out.isDiscarded)
    events.readFrom(record, now)
    const bytes = record.value
    if (!bytes?.length) throw new BadRecordError('empty', 'the record has no value')
    if (bytes.length > this.#config.maxMessageBytes) {
      throw new BadRecordError(
        'too_large',
        `${bytes.length} bytes: at most ${this.#config.maxMessageBytes} are read (normalizer.maxMessageBytes)`,
      )
    }
    const parked = this.#tenancy?.begin(record, bytes.length, out.isDiscarded)
    if (parked) {
      events.passOver()
      this.#park(record, parked, out)
      return
    }
    try {
      this.#readValue(record, bytes, out)
    } finally {
      for (const part of this.#tenancy?.end(events) ?? []) this.#park(record, part, out)
    }
    if (events.refusedParts > 0) this.#reject(record, events, out)
  }

  #readValue(record: StreamRecord<Buffer | null>, bytes: Buffer, out: Output): void {
    const events = this.#events
    const encoding = record.headers['content-encoding']?.toString('utf8')
    const value = unpacked(bytes, encoding, this.#config.maxUnpackedBytes)
    const payload = new Payload(value, record.headers, record.key)
    this.#readPayload(payload, record, !out.isDiscarded)
    events.endRecord()
    this.#tallies.add(bytes.length, events)
  }

  /** What is beyond a tenant's quota is kept, to be sent again. */
  #park(record: StreamRecord<unknown>, { tenant, reason, detail, parts }: Parked, out: Output): void {
    const { parking } = this.#topics
    const letter = letterOf(record, { stage: 'normalizer', reason, detail, parts, tenant })
    out.send(parking, this.#context.partition % this.#context.partitionsOf(parking), letter)
  }

  #readPayload(payload: Payload, record: StreamRecord<Buffer | null>, isCounted: boolean): void {
    const events = this.#events
    const isDuplicate = events.isDuplicate(record)
    const likely = isDuplicate ? undefined : this.#choice.likely(payload)
    const guess = likely && this.#readerOf(likely)
    if (guess?.readIfSure) {
      this.#tallies.begin(isCounted, likely!.name)
      if (guess.readIfSure(payload, events)) return
      this.#tallies.begin(isCounted)
    }
    const format = this.#choice.of(payload)
    this.#tallies.begin(isCounted, format.name)
    if (!isDuplicate) this.#readerOf(format).read(payload, events)
  }

  #readerOf(format: Format): Reader {
    let reader = this.#readers.get(format)
    if (!reader) {
      reader = format.createReader(this.#config)
      this.#readers.set(format, reader)
    }
    return reader
  }

  /** Of a record with something wrong in it. */
  #reject(
    record: StreamRecord<unknown>,
    { refusals, refusedParts, points, logs, lines, spans, duplicates }: RecordEvents,
    out: Output,
  ): void {
    const [first] = refusals
    const count = refusedParts > 1 ? ` (and ${refusedParts - 1} more)` : ''
    const nothingTaken = points + logs + lines + spans + duplicates === 0
    out.reject(record, first!.reason, `${first!.detail}${count}`, nothingTaken ? [] : refusals)
  }

  /** Logs by service, spans by trace, so that who reads them has what belongs together. */
  #sendEvents(batch: readonly StreamRecord<unknown>[], out: Output): void {
    const { logs, from } = this.#events.takeLogs()
    const spans = this.#events.takeSpans()
    if (logs.length + spans.length === 0 || out.isDiscarded) return
    const place = sourceOf(batch, this.#context.inputPartitions)
    const source = { ...place, firstOffset: Math.min(place.firstOffset, from) }
    const { logs: logsTopic, spans: spansTopic } = this.#topics
    sendLogs(logs, this.#context.partitionsOf(logsTopic), (partition, packed) =>
      out.send(logsTopic, partition, { source, logs: [], packed }),
    )
    const partitions = this.#context.partitionsOf(spansTopic)
    for (const [partition, group] of Map.groupBy(spans, ({ traceId }) => hashText(traceId) % partitions)) {
      for (const part of chunks(group, lengthOfSpan, { maxSize: maxBatchLength }))
        out.send(spansTopic, partition, { source, spans: part })
    }
  }
}
