import type { Buffer } from 'node:buffer'
import type { PointBatch } from '../../shared/avro/types.ts'
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

type Raw = StreamRecord<Buffer | null>

/** The work that marks are made of. */
interface Marked extends Task<Buffer | null> {
  /** The latest event of all points so far; -Infinity before the first. */
  readonly latest: EventTime
}

/** A partition of points that gets nothing while others do hears so often how far the raw partition has been read. */
const markEveryMs = 1_000

/** A raw partition in which there is nothing to read for so long, or nothing with points, is idle. */
const idleAfterMs = 2_000

/**
 * Says in all partitions of points what becomes of a raw partition: how far it has been read, also where no points of it
 * go, and when there is nothing more to be read. So whoever reads points can tell one that is idle from one whose reader
 * is down or behind, which is waited for. Wall time decides only how often that is said.
 */
export class MarkingTask implements Task<Buffer | null> {
  readonly quiet: readonly QuietStep[]
  readonly #task: Marked
  readonly #points: Topics['points']
  readonly #context: TaskContext
  /** The last record that was read, until what became of it was told. */
  #unmarked: Raw | undefined
  #last: Raw | undefined
  /** Wall time at which each partition of points heard something last. */
  readonly #heardAt: number[]
  #hasPoints = false
  #pointsAt: number
  #isIdle = false

  constructor(task: Marked, { points }: Pick<Topics, 'points'>, context: TaskContext) {
    this.#task = task
    this.#points = points
    this.#context = context
    this.#heardAt = Array.from({ length: context.partitionsOf(points) }, () => -Infinity)
    this.#pointsAt = context.now()
    const own = { afterMs: idleAfterMs, act: (out: Output) => this.#beIdle(out) }
    const others = (task.quiet ?? []).map(({ afterMs, act }) => ({
      afterMs,
      act: (out: Output) => act(this.#watching(out)),
    }))
    this.quiet = [own, ...others].sort((a, b) => a.afterMs - b.afterMs)
  }

  process(batch: readonly Raw[], out: Output, signal: AbortSignal): void | Promise<void> {
    this.#unmarked = batch.at(-1)
    this.#last = this.#unmarked
    return this.#task.process(batch, this.#watching(out), signal)
  }

  beforeCommit(out: Output): void {
    this.#task.beforeCommit?.(this.#watching(out))
    if (this.#unmarked) this.#mark(out)
    this.#unmarked = undefined
  }

  resumePoint(): ResumePoint | undefined {
    return this.#task.resumePoint?.()
  }

  close(): void {
    this.#task.close?.()
  }

  #watching(out: Output): Output {
    return {
      send: (topic, partition, value) => {
        if (topic.name !== this.#points.name) return out.send(topic, partition, value)
        this.#heardAt[partition] = this.#context.now()
        this.#hasPoints = true
        out.send(this.#points, partition, { ...(value as PointBatch), sourceIsIdle: false })
      },
      isDiscarded: out.isDiscarded,
      keep: (key, value) => out.keep(key, value),
      reject: (record, reason, detail, refusals) => out.reject(record, reason, detail, refusals),
    }
  }

  #mark(out: Output): void {
    const now = this.#context.now()
    if (this.#hasPoints) {
      this.#pointsAt = now
      this.#isIdle = false
    }
    this.#hasPoints = false
    if (now - this.#pointsAt >= idleAfterMs) this.#beIdle(out)
    else if (this.#task.latest > -Infinity)
      for (const [partition, heardAt] of this.#heardAt.entries())
        if (now - heardAt >= markEveryMs) this.#tell(partition, false, out)
  }

  /** Once, until there are points again: then all partitions hear of it, whether they get some or not. */
  #beIdle(out: Output): void {
    if (this.#isIdle) return
    this.#isIdle = true
    for (const partition of this.#heardAt.keys()) {
      this.#tell(partition, true, out)
      this.#heardAt[partition] = -Infinity
    }
  }

  #tell(partition: number, sourceIsIdle: boolean, out: Output): void {
    const { topic, partition: rawPartition, inputPartitions } = this.#context
    const offset = this.#last?.offset ?? 0
    out.send(this.#points, partition, {
      source: {
        topic,
        partition: rawPartition,
        firstOffset: offset,
        lastOffset: offset,
        lastTimestamp: this.#last?.isAppendTime ? this.#last.timestamp : 0,
        partitions: inputPartitions,
      },
      series: [],
      seriesIndex: [],
      times: [],
      values: [],
      histograms: [],
      exemplars: [],
      packed: null,
      sourceIsIdle,
      sourceTime: this.#sourceTime(),
    })
    this.#heardAt[partition] = this.#context.now()
  }

  /** A clock that runs ahead must not take those along whose points go elsewhere: no event is later than it was read. */
  #sourceTime(): EventTime | null {
    if (this.#task.latest === -Infinity) return null
    const { timestamp, isAppendTime } = this.#last!
    return Math.min(this.#task.latest, isAppendTime ? timestamp : this.#context.now())
  }
}
