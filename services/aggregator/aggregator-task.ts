import type { PointBatch } from '../../shared/avro/types.ts'
import { addHistogram } from '../../shared/sketch/histograms.ts'
import { SketchStore } from '../../shared/sketch/sketch-store.ts'
import type { Sighting } from '../../shared/stream/event-clock.ts'
import type {
  EventTime,
  Output,
  QuietStep,
  ResumePoint,
  StreamRecord,
  Task,
  TaskContext,
  TopicPartition,
} from '../../shared/stream/task.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import { flawOf } from './batch-flaw.ts'
import { Admission, contributionsBeyond, shareOf } from './cardinality/admission.ts'
import type { AggregatorConfig } from './config.ts'
import { CumulativeReadings, type Reading } from './kinds/cumulative.ts'
import { type AggregatorMetrics, aggregatorMetrics, forgetPlace, reportWindows } from './metrics.ts'
import { PartialSender } from './rules/partials.ts'
import { rulesOf } from './rules/registry.ts'
import { Aggregates, membersOf, offer } from './windows/aggregate.ts'
import { WindowEmitter } from './windows/emitter.ts'
import { type Level, levelsOf, startOf } from './windows/level.ts'
import { MemoWatch } from './windows/memo-watch.ts'
import { WindowProgress } from './windows/progress.ts'
import { SeriesTable } from './windows/series-table.ts'
import { SourceWatch } from './windows/source-watch.ts'
import type { SeriesEntry, ShortWindow } from './windows/window.ts'
import { WindowEngine } from './windows/window-engine.ts'
import { nextOf, previousOf, windowAt } from './windows/window-list.ts'

/**
 * Points to windows, and to parts of roll-ups and ratios. All that it emits is a function of the log: see WindowEngine
 * for what comes back how after a restart.
 */
export class AggregatorTask implements Task<PointBatch> {
  readonly quiet: readonly QuietStep[]
  readonly #config: AggregatorConfig
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #metrics: AggregatorMetrics
  readonly #aggregates = new Aggregates(new SketchStore())
  readonly #engine: WindowEngine
  readonly #progress: WindowProgress
  readonly #memoWatch: MemoWatch
  readonly #shortest: Level
  /** Of one series, open at a time. */
  readonly #maxWindows: number
  readonly #partials: PartialSender
  readonly #admission: Admission
  /** Kafka's timestamp of the last record. */
  #timestamp = 0

  constructor(config: AggregatorConfig, topics: Topics, context: TaskContext, memo?: string) {
    this.#config = config
    this.#topics = topics
    this.#context = context
    this.#metrics = aggregatorMetrics(context.metrics)
    const emitter = new WindowEmitter({
      topic: topics.windows,
      partitions: context.partitionsOf(topics.windows),
      source: { step: 'points', partition: context.partition, partitions: context.inputPartitions },
    })
    const contributions = rulesOf(config)
    const cardinality = shareOf(config, context)
    const slots = Math.ceil(config.stateIntervalMs / config.sizesMs[0]!)
    const series = new SeriesTable(slots, contributionsBeyond(config, contributions), cardinality)
    const levels = levelsOf(config)
    this.#shortest = levels[0]!
    const windowsIn = (ms: number) => Math.ceil(ms / this.#shortest.sizeMs)
    this.#maxWindows =
      Math.max(windowsWhileApart, windowsIn(config.maxBehindMs)) + windowsIn(config.latenessMs)
    this.#engine = new WindowEngine({ ...config, levels }, series, this.#aggregates, emitter, {
      evaluate: (window) => this.#evaluate(window),
      emitted: (pane, windows, toldUpTo, out) =>
        this.#partials.send(pane, windows, toldUpTo, this.#timestamp, out),
      passed: (watermark, out) => this.#partials.tell(watermark, this.#timestamp, false, out),
    })
    this.#partials = new PartialSender(
      {
        topic: topics.partials,
        partitions: context.partitionsOf(topics.partials),
        partition: context.partition,
        inputPartitions: context.inputPartitions,
        hasRules: config.rollUps.length + config.ratios.length + config.apdexes.length > 0,
      },
      this.#aggregates,
      (window) => this.#engine.valueOf(window),
    )
    this.#admission = new Admission(
      config,
      topics,
      context,
      series,
      contributions,
      cardinality,
      this.#metrics,
    )
    const watch = new SourceWatch({ ...config, readers: 'normalizer' }, context, this.#metrics)
    this.#progress = new WindowProgress(
      config,
      this.#engine,
      emitter,
      {
        idle: (clock, out) => this.#partials.tell(clock.watermark, 0, true, out),
        closed: () => watch.closed(),
        waited: (clock, out, isQuiet) => watch.look(clock, out, isQuiet),
      },
      memo,
    )
    this.#memoWatch = new MemoWatch(context, memo)
    this.quiet = this.#progress.quiet
  }

  process(batch: readonly StreamRecord<PointBatch>[], out: Output): void {
    this.#memoWatch.check()
    for (const record of batch) {
      const flaw = flawOf(record.value)
      if (flaw) out.reject(record, 'malformed_batch', flaw)
      else this.#take(record, out)
    }
    reportWindows(this.#metrics, this.#context, this.#engine, this.#aggregates.sketches)
  }

  restore(key: string, value: Uint8Array | null): void {
    this.#memoWatch.restored(key, value)
    this.#progress.restore(key, value)
  }

  beforeCommit(out: Output): void {
    this.#progress.beforeCommit(out)
  }

  close(): void {
    forgetPlace(this.#metrics, this.#context)
  }

  resumePoint(): ResumePoint | undefined {
    return this.#progress.resumePoint()
  }

  #take(record: StreamRecord<PointBatch>, out: Output): void {
    const { offset, value, timestamp } = record
    this.#timestamp = timestamp
    this.#progress.begin(offset)
    const { minTime, maxTime, late, early, crowded } = this.#add(record, out)
    const histograms = this.#addHistograms(record, out)
    if (value.exemplars.length > 0) this.#addExemplars(record)
    const latest = Math.max(maxTime, histograms.maxTime)
    this.#noteDisorder(value.source, Math.min(minTime, histograms.minTime))
    this.#metrics.points.inc(value.times.length + value.histograms.length)
    if (late.length + histograms.late.length > 0) this.#sendLate(record, late, histograms.late, out)
    if (early.length + histograms.early.length > 0)
      this.#refuseEarly(record, [...early, ...histograms.early.map((i) => value.times.length + i)], out)
    if (crowded.length > 0) this.#refuseCrowded(record, crowded, out)
    this.#progress.finish(offset, this.#sightingOf(record, latest), out)
  }

  /** Folds the points of one record into their windows, before the clock moves. */
  #add(record: StreamRecord<PointBatch>, out: Output) {
    const { offset, timestamp, value } = record
    const { series, seriesIndex, times, values } = value
    const engine = this.#engine
    const { sketches } = this.#aggregates
    const level = this.#shortest
    const closedUpTo = engine.closedUpTo
    const tooEarly = timestamp + this.#config.maxAheadMs
    // A series is admitted with its first window: one that none holds would be forgotten by a restart.
    const entries: (readonly SeriesEntry[] | undefined)[] = Array.from({ length: series.length })
    const resume = () => this.#progress.resumeAt(offset)
    const late: number[] = []
    const early: number[] = []
    const crowded: number[] = []
    let minTime = Infinity
    let maxTime = -Infinity
    let start = 0
    let end = 0
    // The hot loop: a series has few windows at a time, so that its window is found at once; nothing is allocated, and
    // the start of a window is computed only when a point is in another than the one before.
    for (let i = 0; i < times.length; i++) {
      const time = times[i]!
      if (time > tooEarly) {
        early.push(i)
        continue
      }
      if (time > maxTime) maxTime = time
      if (time < minTime) minTime = time
      if (time >= end || time < start) {
        start = startOf(level, time)
        end = start + level.sizeMs
      }
      if (start <= closedUpTo) {
        late.push(i)
        continue
      }
      const index = seriesIndex[i]!
      let targets = entries[index]
      if (!targets) {
        targets = this.#admission.entriesOf(series[index]!, offset)
        entries[index] = targets
      }
      for (let j = 0; j < targets.length; j++) {
        const entry = targets[j]!
        if (entry.windowCount >= this.#maxWindows && !windowAt(entry, start)) {
          crowded.push(i)
          break
        }
        const window = engine.window(entry, start, resume)
        if (entry.isShared && isNew(window)) this.#admission.tell(window, record, out)
        const { kind } = entry.series
        if (kind === 'counter') this.#read(window, time, values[i]!)
        else if (kind === 'set') membersOf(window).add(values[i]!)
        else sketches.add(window.sketch, values[i]!)
        engine.touch(window)
      }
    }
    return { minTime, maxTime, late, early, crowded }
  }

  #addHistograms(record: StreamRecord<PointBatch>, out: Output) {
    const { offset, timestamp, value } = record
    const late: number[] = []
    const early: number[] = []
    let minTime = Infinity
    let maxTime = -Infinity
    for (const [i, histogram] of value.histograms.entries()) {
      const { time, seriesIndex } = histogram
      if (time > timestamp + this.#config.maxAheadMs) {
        early.push(i)
        continue
      }
      minTime = Math.min(minTime, time)
      maxTime = Math.max(maxTime, time)
      const start = startOf(this.#shortest, time)
      if (start <= this.#engine.closedUpTo) {
        late.push(i)
        continue
      }
      for (const entry of this.#admission.entriesOf(value.series[seriesIndex]!, offset)) {
        const window = this.#engine.window(entry, start, () => this.#progress.resumeAt(offset))
        if (entry.isShared && isNew(window)) this.#admission.tell(window, record, out)
        if (entry.series.kind === 'counter') this.#read(window, time, histogram)
        else addHistogram(this.#aggregates.sketches, window.sketch, histogram)
        this.#engine.touch(window)
      }
    }
    return { minTime, maxTime, late, early }
  }

  /** Before the clock knows of the record: its points' order among themselves does not matter. */
  #noteDisorder(source: TopicPartition, earliest: EventTime): void {
    const behind = this.#progress.clock.latestOf(source) - earliest
    if (behind > 0) this.#metrics.disorder.observe(behind / 1_000)
  }

  /** Each has come with a point: it opens no window, and is late or early with it. */
  #addExemplars({ offset, timestamp, value }: StreamRecord<PointBatch>): void {
    for (const { seriesIndex, time, exemplar } of value.exemplars) {
      const start = startOf(this.#shortest, time)
      if (time > timestamp + this.#config.maxAheadMs || start <= this.#engine.closedUpTo) continue
      const entry = this.#admission.entryOf(value.series[seriesIndex]!, offset)
      const window = entry && windowAt(entry, start)
      if (window && offer(window, exemplar)) this.#engine.touch(window)
    }
  }

  /** A reading changes also what the window after its own has gained. */
  #read(window: ShortWindow, time: EventTime, value: Reading['value']): void {
    window.contents ??= new CumulativeReadings()
    ;(window.contents as CumulativeReadings).add(time, value)
    window.isStale = true
    const next = nextOf(window)
    if (!next) return
    next.isStale = true
    this.#engine.touch(next)
  }

  #evaluate(window: ShortWindow): void {
    const previous = previousReading(window)
    ;(window.contents as CumulativeReadings).fill(
      window,
      this.#aggregates,
      previous,
      this.#config.counterGapMs,
    )
  }

  /** Points for windows that are gone: kept as they came, so that a replay can bring them home. */
  #sendLate(
    { value, partition }: StreamRecord<PointBatch>,
    late: readonly number[],
    lateHistograms: readonly number[],
    out: Output,
  ): void {
    const { late: topic } = this.#topics
    this.#metrics.late.inc(late.length + lateHistograms.length)
    out.send(topic, partition % this.#context.partitionsOf(topic), {
      ...value,
      seriesIndex: late.map((i) => value.seriesIndex[i]!),
      times: late.map((i) => value.times[i]!),
      values: late.map((i) => value.values[i]!),
      histograms: lateHistograms.map((i) => value.histograms[i]!),
      exemplars: [],
    })
  }

  /** `early` counts the points of a batch, and after them its histograms. */
  #refuseEarly(record: StreamRecord<PointBatch>, early: readonly number[], out: Output): void {
    this.#metrics.early.inc(early.length)
    const { times, histograms } = record.value
    const latest = new Date(record.timestamp + this.#config.maxAheadMs).toISOString()
    const detail = `it is after ${latest}, the latest that the broker’s clock allows (aggregator.maxAheadMs)`
    out.reject(
      record,
      'timestamp_in_future',
      `${early.length} of ${times.length + histograms.length} points: ${detail}`,
      early.slice(0, maxRefusals).map((position) => ({ position, reason: 'timestamp_in_future', detail })),
    )
  }

  /** One series with points all over the past, or a lie about time, must not take the memory and the time of all others. */
  #refuseCrowded(record: StreamRecord<PointBatch>, crowded: readonly number[], out: Output): void {
    const detail = `its series has ${this.#maxWindows} windows open: more at a time are not kept`
    out.reject(
      record,
      'too_many_windows',
      `${crowded.length} of ${record.value.times.length} points: ${detail}`,
      crowded.slice(0, maxRefusals).map((position) => ({ position, reason: 'too_many_windows', detail })),
    )
  }

  /** `latest` is that of the points, -Infinity when none was taken. Undefined when the record says nothing of its source. */
  #sightingOf({ value, timestamp }: StreamRecord<PointBatch>, latest: EventTime): Sighting | undefined {
    const { source, sourceIsIdle: isIdle, sourceTime } = value
    if (latest === -Infinity && isIdle === null) return undefined
    const { topic, partition, partitions, lastTimestamp } = source
    if (lastTimestamp > 0 && latest > -Infinity)
      this.#metrics.clockSkew.set({ topic, partition }, (latest - lastTimestamp) / 1_000)
    const isMark = sourceTime !== null && sourceTime <= timestamp + this.#config.maxAheadMs
    const maxEventTime = isMark ? Math.max(latest, sourceTime) : latest
    return {
      topic,
      partition,
      partitions,
      readUpTo: lastTimestamp,
      maxEventTime,
      isIdle,
      appendedAt: timestamp,
    }
  }
}

/** Before there is a watermark, and while sources are apart, a series may have so many windows open. */
const windowsWhileApart = 1_000

/** Refused points that are told one by one; of more, only the number is. */
const maxRefusals = 1_000

const isNew = ({ isDirty, revision }: ShortWindow) => !isDirty && revision === 0

/** The last reading of the series before this window. */
function previousReading(window: ShortWindow): Reading | undefined {
  const previous = previousOf(window)
  if (previous) return (previous.contents as CumulativeReadings).last
  const { lastReading } = window.entry
  return lastReading && lastReading.time < window.pane.start ? lastReading : undefined
}
