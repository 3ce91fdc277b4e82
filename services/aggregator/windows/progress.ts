import type { SeriesState } from '../../../shared/avro/types.ts'
import { EventClock, type EventClockOptions, type Sighting } from '../../../shared/stream/event-clock.ts'
import type { EventTime, Output, QuietStep, ResumePoint } from '../../../shared/stream/task.ts'
import type { WindowEmitter } from './emitter.ts'
import { readSeries } from './store-form.ts'
import { type Moment, momentOf, placeOf } from './window.ts'
import type { WindowEngine } from './window-engine.ts'

/**
 * What was done without a record because nobody wrote any more, after the record at `after`: open windows were closed,
 * longer ones emitted early, or sources abandoned that may be behind.
 */
interface QuietAct {
  readonly after: number
  readonly step: 'close' | 'early' | 'abandon'
  /** To which the watermark was raised. */
  readonly watermark: EventTime
}

/**
 * A memo of a partition that hundreds of sources feed does not fit into the commit's metadata: it is kept in the state
 * then, in the same transaction, under a key that no series has.
 */
const maxMemoLength = 3_000
export const memoKey = '\n'
/** The memo of such a commit. */
export const memoInState = '@'

interface ProgressOptions extends EventClockOptions {
  readonly idleMs: number
  readonly longIdleMs: number
}

/** Who is told of the partition's progress. */
interface ProgressListener {
  /** Nobody writes, all that is open was closed, and no source may be behind. */
  idle?(clock: EventClock, out: Output): void
  /** All that was open was closed because nobody writes. */
  closed(): void
  /** Sources are waited for, or no longer so, though they may be behind. */
  waited(clock: EventClock, out: Output, isQuiet: boolean): void
}

/**
 * Drives the windows of one partition along its log: record by record, the watermark after each; and through quiet
 * times, when nobody writes. What was done in quiet times is kept in the memo, and done again when the log is read
 * again, at the same place. While a source may be behind, quiet means nothing: only its reader is quiet.
 */
export class WindowProgress {
  readonly clock: EventClock
  readonly quiet: readonly QuietStep[]
  readonly #engine: WindowEngine
  readonly #emitter: WindowEmitter
  readonly #listener: ProgressListener
  readonly #restored = new Map<string, SeriesState>()
  #acts: readonly QuietAct[] = []
  /** The memo was too long for the commit, and comes with the state. */
  #awaitsMemo: boolean
  #lastOffset: number | undefined
  #quietSteps = 0

  /** Throws RangeError when the memo is damaged. */
  constructor(
    options: ProgressOptions,
    engine: WindowEngine,
    emitter: WindowEmitter,
    listener: ProgressListener,
    memo?: string,
  ) {
    this.clock = new EventClock(options)
    this.#engine = engine
    this.#emitter = emitter
    this.#listener = listener
    this.#awaitsMemo = memo === memoInState
    if (memo && !this.#awaitsMemo) this.#remember(memo)
    const { idleMs } = options
    const longIdleMs = Math.max(idleMs, options.longIdleMs)
    this.quiet = [
      { afterMs: idleMs, act: (out) => this.#beIdle(out) },
      { afterMs: longIdleMs, act: (out) => this.#beIdleForLong(out) },
      { afterMs: Math.max(longIdleMs, options.maxBehindMs), act: (out) => this.#abandonBehind(out) },
    ]
  }

  /** The last version of each series counts; null removes it. Throws RangeError when the bytes are damaged. */
  restore(key: string, bytes: Uint8Array | null): void {
    if (key === memoKey) {
      if (bytes && this.#awaitsMemo) this.#remember(Buffer.from(bytes).toString())
    } else if (bytes) this.#restored.set(key, readSeries(key, bytes))
    else this.#restored.delete(key)
  }

  /** To be called before the work on a record. */
  begin(offset: number): void {
    this.#quietSteps = 0
    this.#engine.begin(momentOf(offset), this.clock.watermark)
    this.#takeRestored(offset)
  }

  /** Where the log must be read from to rebuild what begins with the record at `offset`, with what is known before it. */
  resumeAt(offset: number): ResumePoint {
    return { offset, memo: `${this.clock.memo()}|${this.#engine.turn?.toString(36) ?? ''}` }
  }

  /** To be called after the work on a record, with what it tells of time, if anything. */
  finish(offset: number, sighting: Sighting | undefined, out: Output): void {
    this.#engine.emitRevised(out)
    const before = this.clock.watermark
    if (sighting) this.#engine.moveTo(this.clock.observe(sighting), out)
    this.#flush(before, out)
    this.#listener.waited(this.clock, out, false)
    this.#lastOffset = offset
    for (const act of this.#acts) if (act.after === offset) this.#actAgain(act, out)
  }

  /** Undefined before the first record. */
  resumePoint(): ResumePoint | undefined {
    const resume = this.#resumePoint()
    return resume && resume.memo.length > maxMemoLength ? { ...resume, memo: memoInState } : resume
  }

  /** To be called before each commit. */
  beforeCommit(out: Output): void {
    const resume = this.#resumePoint()
    if (!resume) return
    if (resume.memo.length > maxMemoLength) out.keep(memoKey, Buffer.from(resume.memo))
    this.#engine.storeChanged(resume.offset, out)
    this.#engine.removeForgotten(resume.offset, out)
  }

  #resumePoint(): ResumePoint | undefined {
    if (this.#lastOffset === undefined) return undefined
    const oldest = this.#engine.resumePoint()
    const { offset, memo } = oldest ?? this.resumeAt(this.#lastOffset + 1)
    this.#acts = this.#acts.filter(({ after }) => after >= offset)
    // Where no record is read again, a quiet time must know after which one it is.
    const last = oldest ? undefined : momentOf(this.#lastOffset, this.#quietSteps)
    return { offset, memo: writeMemo(memo, this.#acts, last) }
  }

  #remember(memo: string): void {
    const { clock, turn, acts, last } = readMemo(memo)
    if (clock) this.clock.restore(clock)
    if (last !== undefined) ({ offset: this.#lastOffset, quietSteps: this.#quietSteps } = placeOf(last))
    this.#engine.turn = turn
    this.#acts = acts
  }

  /** What was restored joins the windows when something happens, since only then it is known from where the log is read. */
  #takeRestored(offset: number): void {
    if (this.#restored.size === 0) return
    for (const [key, state] of this.#restored) this.#engine.restore(key, state, offset)
    this.#restored.clear()
  }

  /** What a source that may be behind brings is not late: it is waited for. */
  get #isComplete(): boolean {
    return this.clock.behind().length === 0
  }

  #beIdle(out: Output): void {
    this.#listener.waited(this.clock, out, true)
    if (!this.#isComplete) return
    this.#closeOpen(out)
    this.#listener.idle?.(this.clock, out)
  }

  #beIdleForLong(out: Output): void {
    if (this.#isComplete) this.#closeEarly(out)
  }

  /** As long as this nobody is waited for. */
  #abandonBehind(out: Output): void {
    if (this.#isComplete || this.#lastOffset === undefined) return
    this.#act({ after: this.#lastOffset, step: 'abandon', watermark: this.clock.watermark }, out)
    this.#beIdle(out)
    this.#beIdleForLong(out)
  }

  /** Ends all open windows of the first level. They still take late points. */
  #closeOpen(out: Output): void {
    const last = this.#engine.panes.all.filter(({ isClosed }) => !isClosed).at(-1)
    if (!last || this.#lastOffset === undefined) return
    this.#act({ after: this.#lastOffset, step: 'close', watermark: this.#engine.endOf(last.start) }, out)
    this.#listener.closed()
  }

  #closeEarly(out: Output): void {
    if (this.#lastOffset === undefined) return
    this.#engine.begin(momentOf(this.#lastOffset, this.#quietSteps), this.clock.watermark)
    this.#takeRestored(this.#lastOffset + 1)
    if (!this.#engine.hasUnemitted) return
    this.#act({ after: this.#lastOffset, step: 'early', watermark: this.clock.watermark }, out)
  }

  #act(act: QuietAct, out: Output): void {
    this.#acts = [...this.#acts, act]
    this.#actAgain(act, out)
  }

  #actAgain({ after, step, watermark }: QuietAct, out: Output): void {
    this.#quietSteps++
    const before = this.clock.watermark
    this.#engine.begin(momentOf(after, this.#quietSteps), before)
    if (step === 'abandon') this.clock.abandonBehind()
    else if (step === 'close') this.#engine.moveTo(this.clock.raise(watermark), out)
    else this.#engine.closeEarly(out)
    this.#flush(before, out)
  }

  #flush(before: EventTime, out: Output): void {
    const { watermark } = this.clock
    this.#emitter.flush(watermark, this.#engine.hasPassedEnd(before, watermark), out)
  }
}

/** `clock|turn|after.step.watermark,…|last` in base 36, the step by its first letter; `last` when no record is read again. */
function writeMemo(known: string, acts: readonly QuietAct[], last: Moment | undefined): string {
  const texts = acts.map(
    ({ after, step, watermark }) => `${after.toString(36)}.${step[0]}.${watermark.toString(36)}`,
  )
  return `${known}|${texts.join(',')}|${last?.toString(36) ?? ''}`
}

interface Memo {
  readonly clock?: string
  readonly turn?: number
  readonly acts: readonly QuietAct[]
  readonly last?: Moment
}

function readMemo(memo: string | undefined): Memo {
  if (!memo) return { acts: [] }
  const [clock = '', turn = '', acts = '', last = ''] = memo.split('|')
  const read = (text: string): QuietAct => {
    const [after = '', step, watermark = ''] = text.split('.')
    return {
      after: Number.parseInt(after, 36),
      step: step === 'c' ? 'close' : step === 'a' ? 'abandon' : 'early',
      watermark: Number.parseInt(watermark, 36),
    }
  }
  return {
    clock,
    ...(turn && { turn: Number.parseInt(turn, 36) }),
    acts: acts ? acts.split(',').map(read) : [],
    ...(last && { last: Number.parseInt(last, 36) }),
  }
}
