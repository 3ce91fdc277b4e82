import type { Buffer } from 'node:buffer'
import { setTimeout as delay } from 'node:timers/promises'
import { placeName, type Stretch } from '../../../shared/replay/config.ts'
import { markOf } from '../../../shared/replay/marks.ts'
import { redrivenOf } from '../../../shared/replay/redriven.ts'
import type {
  EventTime,
  Output,
  QuietStep,
  ResumePoint,
  StreamRecord,
  Task,
  TaskContext,
} from '../../../shared/stream/task.ts'
import type { Topics } from '../../../shared/stream/topic.ts'
import { type Pace, slackMs } from './pace.ts'
import { pointsBefore } from './points-before.ts'

type Raw = StreamRecord<Buffer | null>

/** What is read behind the end of the stretch, until the replay stops this worker, is read in steps of so long. */
const idleStepMs = 500

interface Bounds {
  readonly stretch: Stretch
  /** The offset before which the partition's reading ends. */
  readonly until: number
  readonly pace: Pace
}

/** Gives a task the records of a stretch, at the pace of the replay, and nothing of what comes after. */
export class StretchTask implements Task<Buffer | null> {
  readonly gathers = true
  readonly #task: Task<Buffer | null>
  readonly #bounds: Bounds
  readonly #points: Topics['points']
  readonly #context: TaskContext
  readonly #name: string
  #markedAt = -Infinity
  /** The offset after the last record, of the stretch or behind it. */
  #next: number | undefined
  readonly quiet: readonly QuietStep[]

  constructor(
    task: Task<Buffer | null>,
    bounds: Bounds,
    { points }: Pick<Topics, 'points'>,
    context: TaskContext,
  ) {
    this.#task = task
    this.#bounds = bounds
    this.#points = points
    this.#context = context
    this.#name = placeName(context.topic, context.partition)
    this.quiet = (task.quiet ?? []).map(({ afterMs, act }) => ({
      afterMs,
      act: (out) => act(this.#bounded(out)),
    }))
  }

  async process(batch: readonly Raw[], out: Output, signal: AbortSignal): Promise<void> {
    const { until, pace } = this.#bounds
    const records = batch.filter(({ offset }) => offset < until)
    for (const step of stepsOf(records)) {
      await pace.turn(this.#name, step[0]!.timestamp, step.length, signal)
      const own = step.filter((record) => !this.#standsInStretch(record))
      if (own.length > 0) await this.#task.process(own, this.#bounded(out), signal)
      this.#mark(step.at(-1)!.timestamp, out)
    }
    this.#next = batch.at(-1)!.offset + 1
    if (this.#next >= until) {
      pace.finish(this.#name)
      // Nothing comes any more of the stretch, however much comes after it.
      for (const { act } of this.quiet) act(out)
    }
    if (records.length === 0) await delay(idleStepMs, undefined, { signal })
  }

  beforeCommit(out: Output): void {
    this.#task.beforeCommit?.(this.#bounded(out))
  }

  /** Where the task itself must read on from, or else the next record, which it may not have been given. */
  resumePoint(): ResumePoint | undefined {
    if (this.#next === undefined) return undefined
    const point = this.#task.resumePoint?.()
    return point?.memo ? point : { offset: this.#next, memo: '' }
  }

  #bounded(out: Output): Output {
    return pointsBefore(this.#bounds.stretch.to, this.#points, out)
  }

  /** Says now and then that events from before the margin are not expected any more, whether there were points or not. */
  #mark(timestamp: EventTime, out: Output): void {
    if (timestamp < this.#markedAt + slackMs) return
    this.#markedAt = timestamp
    // The points of before must not be overtaken.
    this.beforeCommit(out)
    const { from, readFrom } = this.#bounds.stretch
    const mark = markOf(this.#context, timestamp - (from - readFrom), this.#context.inputPartitions)
    for (let partition = 0; partition < this.#context.partitionsOf(this.#points); partition++)
      out.send(this.#points, partition, mark)
  }

  /** A record that was refused once and sent again, but is read here where it stood first, must not count twice. */
  #standsInStretch({ headers }: Raw): boolean {
    try {
      const redriven = redrivenOf(headers)
      return redriven !== undefined && redriven.timestamp >= this.#bounds.stretch.readFrom
    } catch {
      // The task refuses it, and says why.
      return false
    }
  }
}

/** Cuts records where they are further apart than partitions may be. */
function* stepsOf(records: readonly Raw[]): Generator<readonly Raw[]> {
  let from = 0
  for (let i = 1; i <= records.length; i++) {
    if (i < records.length && records[i]!.timestamp - records[from]!.timestamp <= slackMs) continue
    yield records.slice(from, i)
    from = i
  }
}
