import type { SeriesDetector, SeriesDetectorKind, Verdict } from '../../services/detector/series-detector.ts'

/** A row that is left out of the series: it is before that of a row above, or, as rows below have shown, far ahead of them. */
interface LeftOut {
  readonly line: number
  readonly why: 'late' | 'ahead'
}

interface Checkpoint {
  /** Before the jump. */
  readonly time: number
  readonly state: Uint8Array
  /** The time that was jumped to, and in which line. */
  readonly to: number
  readonly line: number
  /** Rows taken since. */
  rows: number
}

/**
 * Judges the rows of a file in their order, each by those before it. Where the time jumps ahead, the state is kept for a while:
 * when the next rows go on from before the jump, it was a wrong clock, and what came of it is forgotten. Rows that
 * are late otherwise are left out; but when only such come, the clock was set back, and they are taken.
 */
export class RowJudge {
  readonly #kind: SeriesDetectorKind
  readonly #leaveOut: (row: LeftOut) => void
  #detector: SeriesDetector
  #time = -Infinity
  /** Of the series so far: the distance of the last two rows that did not jump. */
  #step = 0
  #checkpoint: Checkpoint | undefined
  #lateInARow = 0

  constructor(kind: SeriesDetectorKind, leaveOut: (row: LeftOut) => void) {
    this.#kind = kind
    this.#leaveOut = leaveOut
    this.#detector = kind.create()
  }

  /** The verdict is good until the next call; undefined for a row that is left out. */
  judge(line: number, time: number, value: number): Verdict | undefined {
    if (time <= this.#time && !this.#takesBack(line, time)) return undefined
    this.#lateInARow = 0
    const elapsed = time - this.#time
    if (!(elapsed <= farSteps * this.#step) && (this.#step > 0 || this.#time === -Infinity))
      this.#checkpoint = { time: this.#time, state: this.#detector.encode(), to: time, line, rows: 0 }
    else if (elapsed > 0) this.#step = elapsed
    if (this.#checkpoint) {
      this.#checkpoint.rows++
      if (this.#checkpoint.rows > patience) this.#checkpoint = undefined
    }
    this.#time = time
    const silence = this.#detector.silence(time)
    // What is said next may be said in the same object.
    const { likelihood, kind } = silence?.isSure ? silence : { likelihood: 0, kind: 'missing' as const }
    const verdict = this.#detector.observe(time, value, false)
    return likelihood > verdict.likelihood ? { ...verdict, likelihood, kind } : verdict
  }

  /** Whether a row that is not after the one before may be taken nevertheless. */
  #takesBack(line: number, time: number): boolean {
    const checkpoint = this.#checkpoint
    if (checkpoint && time > checkpoint.time && time < checkpoint.to) {
      this.#leaveOut({ line: checkpoint.line, why: 'ahead' })
      this.#detector = this.#kind.decode(checkpoint.state)
      this.#time = checkpoint.time
      this.#checkpoint = undefined
      return true
    }
    if (this.#lateInARow === patience) {
      this.#time = -Infinity
      this.#step = 0
      return true
    }
    this.#lateInARow++
    this.#leaveOut({ line, why: 'late' })
    return false
  }
}

/** A step of so many usual ones may be a wrong clock. */
const farSteps = 10
/** Rows after which what the clock says is believed. */
const patience = 32
