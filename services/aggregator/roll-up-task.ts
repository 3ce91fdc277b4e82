import type { Partial, PartialBatch, SeriesKind } from '../../shared/avro/types.ts'
import { seriesKey } from '../../shared/series/series.ts'
import { SketchStore } from '../../shared/sketch/sketch-store.ts'
import type { Sighting } from '../../shared/stream/event-clock.ts'
import type {
  Output,
  QuietStep,
  Refusal,
  ResumePoint,
  StreamRecord,
  Task,
  TaskContext,
} from '../../shared/stream/task.ts'
import type { Topics } from '../../shared/stream/topic.ts'
import type { AggregatorConfig } from './config.ts'
import { KindConflicts } from './kinds/kind-conflicts.ts'
import { type AggregatorMetrics, aggregatorMetrics, forgetPlace, reportWindows } from './metrics.ts'
import { notYet } from './rules/partials.ts'
import { type Aggregate, Aggregates } from './windows/aggregate.ts'
import { WindowEmitter } from './windows/emitter.ts'
import { levelsOf } from './windows/level.ts'
import { MemoWatch } from './windows/memo-watch.ts'
import { WindowProgress } from './windows/progress.ts'
import { SeriesTable } from './windows/series-table.ts'
import { SourceWatch } from './windows/source-watch.ts'
import type { ShortWindow } from './windows/window.ts'
import { WindowEngine } from './windows/window-engine.ts'

/** What one partition of the points topic contributes to a window. */
interface Part {
  readonly revision: number
  readonly aggregate: Aggregate
}

/** Of one window. All have the kind of the first: what they hold could not be added up otherwise. */
interface Parts {
  readonly kind: SeriesKind
  readonly byPartition: Map<number, Part>
}

/**
 * Parts of roll-ups and ratios to their windows: the second, repartitioned step. A later part of the same partition
 * replaces the earlier one, so that revisions need no arithmetic; the watermark is the least of the partitions'.
 */
export class RollUpTask implements Task<PartialBatch> {
  readonly quiet: readonly QuietStep[]
  readonly #pointsTopic: string
  readonly #context: TaskContext
  readonly #metrics: AggregatorMetrics
  readonly #aggregates = new Aggregates(new SketchStore())
  readonly #engine: WindowEngine
  readonly #progress: WindowProgress
  readonly #memoWatch: MemoWatch
  readonly #conflicts: KindConflicts

  constructor(config: AggregatorConfig, topics: Topics, context: TaskContext, memo?: string) {
    this.#pointsTopic = topics.points.name
    this.#context = context
    this.#metrics = aggregatorMetrics(context.metrics)
    this.#conflicts = new KindConflicts(
      context,
      this.#metrics,
      'its members of the latter kind are left out; give a rule one kind of series',
    )
    const emitter = new WindowEmitter({
      topic: topics.windows,
      partitions: context.partitionsOf(topics.windows),
      source: { step: 'partials', partition: context.partition, partitions: context.inputPartitions },
    })
    this.#engine = new WindowEngine(
      { ...config, levels: levelsOf(config) },
      new SeriesTable(Math.ceil(config.stateIntervalMs / config.sizesMs[0]!), () => []),
      this.#aggregates,
      emitter,
      { evaluate: (window) => this.#merge(window), release: (window) => this.#release(window) },
    )
    const sourceIdleMs = Math.max(config.sourceIdleMs, config.partIdleMs)
    const watch = new SourceWatch({ sourceIdleMs, readers: 'aggregator' }, context, this.#metrics)
    this.#progress = new WindowProgress(
      {
        ...config,
        // Watermarks are in order already.
        disorderMs: 0,
        sourceIdleMs,
        // A points partition that waits for a source tells nothing meanwhile: it must be waited for longer than it waits.
        maxBehindMs: config.maxBehindMs && config.maxBehindMs + sourceIdleMs,
      },
      this.#engine,
      emitter,
      {
        closed: () => watch.closed(),
        waited: (clock, out, isQuiet) => watch.look(clock, out, isQuiet),
      },
      memo,
    )
    this.#memoWatch = new MemoWatch(context, memo)
    this.quiet = this.#progress.quiet
  }

  process(batch: readonly StreamRecord<PartialBatch>[], out: Output): void {
    this.#memoWatch.check()
    for (const record of batch) {
      const { offset, value } = record
      this.#progress.begin(offset)
      const refusals: Refusal[] = []
      for (const [position, partial] of value.partials.entries()) {
        if (partial.start <= this.#engine.closedUpTo) this.#metrics.latePartials.inc()
        else {
          const flaw = this.#take(partial, value.partition, offset)
          if (flaw) refusals.push({ position, reason: 'malformed_batch', detail: flaw })
        }
      }
      if (refusals.length > 0)
        out.reject(
          record,
          'malformed_batch',
          `${refusals.length} of ${value.partials.length} parts: ${refusals[0]!.detail}`,
          refusals,
        )
      this.#progress.finish(offset, this.#sightingOf(record), out)
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

  /** Undefined when more is to come before anything can be said of the partition. */
  #sightingOf({ value, timestamp }: StreamRecord<PartialBatch>): Sighting | undefined {
    const { partition, partitions, watermark, isIdle } = value
    if (watermark === notYet && !isIdle) return undefined
    return {
      topic: this.#pointsTopic,
      partition,
      partitions,
      readUpTo: value.timestamp,
      maxEventTime: watermark === notYet ? -Infinity : watermark,
      isIdle,
      appendedAt: timestamp,
    }
  }

  /** Returns what is wrong with a part that someone else than the first step has written. */
  #take(partial: Partial, partition: number, offset: number): string | undefined {
    const { series, start, revision } = partial
    const aggregate = this.#aggregates.create()
    try {
      this.#aggregates.mergeRecord(aggregate, partial.aggregate)
    } catch (error) {
      this.#aggregates.free(aggregate)
      if (!(error instanceof RangeError)) throw error
      return error.message
    }
    const key = seriesKey(series)
    const entry = this.#engine.series.get(key, offset) ?? this.#engine.series.add(key, series, offset)
    const window = this.#engine.window(entry, start, () => this.#progress.resumeAt(offset))
    // A window comes back from the log whole, so after a restart its first part is the same; of a series, the first may lie before.
    window.contents ??= { kind: series.kind, byPartition: new Map<number, Part>() } satisfies Parts
    const { kind, byPartition } = partsOf(window)
    const earlier = byPartition.get(partition)
    if (this.#conflicts.note(entry, series, kind) || (earlier && earlier.revision >= revision)) {
      this.#aggregates.free(aggregate)
      return undefined
    }
    if (earlier) this.#aggregates.free(earlier.aggregate)
    byPartition.set(partition, { revision, aggregate })
    window.isStale = true
    this.#engine.touch(window)
    return undefined
  }

  #merge(window: ShortWindow): void {
    for (const { aggregate } of partsOf(window).byPartition.values())
      this.#aggregates.merge(window, aggregate)
  }

  #release(window: ShortWindow): void {
    for (const { aggregate } of partsOf(window).byPartition.values()) this.#aggregates.free(aggregate)
  }
}

/** A window is made for its first part. */
const partsOf = (window: ShortWindow) => window.contents as Parts
