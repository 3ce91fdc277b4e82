import type { PointBatch } from '../../shared/avro/types.ts'
import { seriesKey } from '../../shared/series/series.ts'
import { EventClock } from '../../shared/stream/event-clock.ts'
import type {
  EventTime,
  Output,
  ResumePoint,
  StreamRecord,
  Task,
  TaskContext,
} from '../../shared/stream/task.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import type { AggregatorConfig } from './config.ts'
import { type AggregatorMetrics, aggregatorMetrics } from './metrics.ts'
import { type OpenWindow, type Pane, type SeriesEntry, WindowStore, windowRecord } from './window-store.ts'

/** Windows in one record of the windows topic: some hundred kilobytes with their sketches. */
const maxWindowsInRecord = 500

/**
 * Tumbling event-time windows. A window is emitted when the watermark passes its end, and again with a higher revision
 * after each record that brings late points for it, until `latenessMs` later.
 *
 * State is rebuilt from the log: the resume point is the record that opened the oldest window still kept, with the
 * clock as it was before that record. What moved the clock without a record is kept beside it (`#advances`).
 */
export class AggregatorTask implements Task<PointBatch> {
  readonly quiet: { readonly afterMs: number; act(out: Output): void }
  readonly #config: AggregatorConfig
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #metrics: AggregatorMetrics
  readonly #clock: EventClock
  readonly #store = new WindowStore()
  #advances: readonly Advance[]
  #lastOffset: number | undefined

  constructor(config: AggregatorConfig, topics: Topics, context: TaskContext, memo?: string) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#metrics = aggregatorMetrics(context.metrics)
    const { clock, advances } = readMemo(memo)
    this.#clock = new EventClock(config, clock)
    this.#advances = advances
    this.quiet = { afterMs: config.idleMs, act: (out) => this.#closeAll(out) }
  }

  process(batch: readonly StreamRecord<PointBatch>[], out: Output): void {
    for (const record of batch) {
      const flaw = flawOf(record.value)
      if (flaw) {
        out.reject(record, 'malformed_batch', flaw)
        continue
      }
      const { maxTime, late, revised } = this.#add(record)
      if (late.length > 0) this.#sendLate(record.value, late, record.partition, out)
      if (revised.length > 0) this.#emit(revised, out)
      const { topic, partition } = record.value.source
      if (maxTime > -Infinity)
        this.#moveTo(this.#clock.observe(`${topic}/${partition}`, maxTime, record.timestamp), out)
      this.#lastOffset = record.offset
      for (const { after, watermark } of this.#advances)
        if (after === record.offset) this.#moveTo(this.#clock.raise(watermark), out)
    }
    this.#report()
  }

  /** Undefined before the first record. */
  resumePoint(): ResumePoint | undefined {
    if (this.#lastOffset === undefined) return undefined
    const { offset, memo } = this.#store.resumePoint() ?? {
      offset: this.#lastOffset + 1,
      memo: this.#clock.memo(),
    }
    this.#advances = this.#advances.filter(({ after }) => after >= offset)
    return { offset, memo: writeMemo(memo, this.#advances) }
  }

  /** Folds the points of one record into their windows, before the clock moves. */
  #add(record: StreamRecord<PointBatch>) {
    const { series, seriesIndex, times, values } = record.value
    const { windowMs } = this.#config
    const openFrom = this.#clock.watermark - this.#config.latenessMs - windowMs
    const entries: SeriesEntry[] = series.map((one) => this.#store.entry(seriesKey(one), one))
    const resume = (): ResumePoint => ({ offset: record.offset, memo: this.#clock.memo() })
    const late: number[] = []
    const revised: OpenWindow[] = []
    let maxTime = -Infinity
    // The hot loop: neighbouring points mostly fall into the same window of their series, which is found at once.
    for (let i = 0; i < times.length; i++) {
      const time = times[i]!
      if (time > maxTime) maxTime = time
      const start = time - (((time % windowMs) + windowMs) % windowMs)
      if (start <= openFrom) {
        late.push(i)
        continue
      }
      const window = this.#store.window(entries[seriesIndex[i]!]!, start, resume)
      window.sketch.add(values[i]!)
      window.sum.add(values[i]!)
      if (window.dirty) continue
      window.dirty = true
      if (start + windowMs <= this.#clock.watermark) revised.push(window)
    }
    this.#metrics.points.inc(times.length)
    return { maxTime, late, revised }
  }

  /** The watermark has moved: emits the windows that have ended, and forgets those that take no more points. */
  #moveTo(watermark: EventTime, out: Output): void {
    const { windowMs, latenessMs } = this.#config
    for (const pane of this.#store.panesBefore(watermark - windowMs + 1)) {
      if (!pane.closed) this.#close(pane, out)
      if (pane.start <= watermark - latenessMs - windowMs) this.#store.drop(pane)
    }
  }

  #close(pane: Pane, out: Output): void {
    pane.closed = true
    this.#emit(
      pane.windows.filter(({ dirty }) => dirty),
      out,
    )
  }

  #emit(windows: readonly OpenWindow[], out: Output): void {
    const { windows: topic } = this.#topics
    const partitions = this.#context.partitionsOf(topic)
    const byPartition = Map.groupBy(windows, ({ entry }) => entry.hash % partitions)
    for (const [partition, group] of byPartition) {
      for (let from = 0; from < group.length; from += maxWindowsInRecord) {
        const chunk = group.slice(from, from + maxWindowsInRecord)
        out.send(topic, partition, {
          windows: chunk.map((window) => windowRecord(window, this.#config.windowMs)),
        })
      }
    }
    for (const window of windows) {
      if (window.revision > 0) this.#metrics.revisions.inc()
      window.revision++
      window.dirty = false
    }
    this.#metrics.windows.inc(windows.length)
  }

  /** Points for windows that are gone: kept as they came, so that a replay can bring them home. */
  #sendLate(batch: PointBatch, late: readonly number[], partition: number, out: Output): void {
    const { late: topic } = this.#topics
    this.#metrics.late.inc(late.length)
    out.send(topic, partition % this.#context.partitionsOf(topic), {
      ...batch,
      seriesIndex: late.map((i) => batch.seriesIndex[i]!),
      times: late.map((i) => batch.times[i]!),
      values: late.map((i) => batch.values[i]!),
    })
  }

  /** Nobody writes any more: ends all open windows. They still take late points. */
  #closeAll(out: Output): void {
    const open = this.#store.panesBefore(Infinity).filter(({ closed }) => !closed)
    const last = open.at(-1)
    if (!last || this.#lastOffset === undefined) return
    const watermark = last.start + this.#config.windowMs
    this.#advances = [...this.#advances, { after: this.#lastOffset, watermark }]
    this.#metrics.idleCloses.inc()
    this.#moveTo(this.#clock.raise(watermark), out)
    this.#report()
  }

  #report(): void {
    const { topic, partition } = this.#context
    this.#metrics.openPanes.set({ topic, partition }, this.#store.paneCount)
    this.#metrics.series.set({ topic, partition }, this.#store.seriesCount)
    if (this.#clock.watermark > -Infinity) {
      this.#metrics.watermarkDelay.set(
        { topic, partition },
        (this.#context.now() - this.#clock.watermark) / 1000,
      )
    }
  }
}

/** What is wrong with the columns of a batch that someone else than the normalizer has written. */
function flawOf({ series, seriesIndex, times, values }: PointBatch): string | undefined {
  if (seriesIndex.length !== times.length || values.length !== times.length)
    return 'the columns have different lengths'
  for (let i = 0; i < times.length; i++) {
    const index = seriesIndex[i]!
    if (index < 0 || index >= series.length)
      return `point ${i} belongs to series ${index} of ${series.length}`
    if (!Number.isFinite(values[i]!) || !Number.isFinite(times[i]!)) return `point ${i} is not finite`
  }
  return undefined
}

/** Idleness moved the watermark, after the record at `after`. */
interface Advance {
  readonly after: number
  readonly watermark: EventTime
}

/** `clock|after.watermark,after.watermark…` in base 36. */
function writeMemo(clock: string, advances: readonly Advance[]): string {
  return `${clock}|${advances.map(({ after, watermark }) => `${after.toString(36)}.${watermark.toString(36)}`).join(',')}`
}

function readMemo(memo: string | undefined): { clock: string | undefined; advances: readonly Advance[] } {
  if (!memo) return { clock: undefined, advances: [] }
  const [clock, advances = ''] = memo.split('|')
  const read = (text: string) => {
    const [after, watermark] = text.split('.')
    return { after: parseInt(after!, 36), watermark: parseInt(watermark!, 36) }
  }
  return { clock, advances: advances ? advances.split(',').map(read) : [] }
}
