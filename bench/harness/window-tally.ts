import { exactQuantile, fields, hostName, metricOf, type Workload } from './workload.ts'

/** A window as it came out, of ours or of a peer. */
export interface SeenWindow {
  readonly metric: string
  readonly host: string
  readonly startMs: number
  readonly sizeMs: number
  readonly revision: number
  readonly count: number
  readonly p99: number
}

export interface TallyReport {
  readonly windows: number
  readonly points: number
  /** Windows whose count was not what went in. */
  readonly wrongCounts: number
  /** The same window and revision once more. */
  readonly doubled: number
  readonly revisions: number
  /** The largest relative error of P99 among the series that were checked, one in `checkEvery`. */
  readonly p99Error: number
  readonly p99Checked: number
}

const checkEvery = 97

/** Holds what comes out against what went in. */
export class WindowTally {
  readonly #workload: Workload
  readonly #hosts: ReadonlyMap<string, number>
  readonly #metrics: ReadonlyMap<string, number>
  /** By series and window: count of the highest revision, and that revision plus one. */
  readonly #counts: Float64Array
  readonly #revisions: Int32Array
  readonly #p99: Float64Array
  #doubled = 0
  #revised = 0
  #right = 0
  #seen = 0

  constructor(workload: Workload) {
    this.#workload = workload
    this.#hosts = new Map(Array.from({ length: workload.size.hosts }, (_, host) => [hostName(host), host]))
    this.#metrics = new Map(fields.map((_, field) => [metricOf(field), field]))
    this.#counts = new Float64Array(workload.seriesWindows)
    this.#revisions = new Int32Array(workload.seriesWindows)
    this.#p99 = new Float64Array(workload.seriesWindows)
  }

  /** Windows of other sizes, and those of the closing messages, are not looked at. */
  add({ metric, host, startMs, sizeMs, revision, count, p99 }: SeenWindow): void {
    const { size } = this.#workload
    const window = (startMs - size.startMs) / size.windowMs
    const hostNumber = this.#hosts.get(host)
    const field = this.#metrics.get(metric)
    if (sizeMs !== size.windowMs || hostNumber === undefined || field === undefined) return
    if (window < 0 || window >= size.windows || !Number.isInteger(window)) return
    const at = (hostNumber * fields.length + field) * size.windows + window
    const known = this.#revisions[at]!
    if (revision + 1 === known) this.#doubled++
    if (revision > 0) this.#revised++
    if (revision + 1 <= known) return
    if (known === 0) this.#seen++
    if (this.#counts[at] === size.samples) this.#right--
    if (count === size.samples) this.#right++
    this.#revisions[at] = revision + 1
    this.#counts[at] = count
    this.#p99[at] = p99
  }

  /** Each window is there with each of its samples. */
  get complete(): boolean {
    return this.#right === this.#workload.seriesWindows
  }

  /** Windows that are there, with however many samples. */
  get seen(): number {
    return this.#seen
  }

  /** Windows that are there with all their samples. */
  get right(): number {
    return this.#right
  }

  report(): TallyReport {
    const { size, seriesWindows } = this.#workload
    let windows = 0
    let points = 0
    let p99Error = 0
    let p99Checked = 0
    for (let at = 0; at < seriesWindows; at++) {
      if (this.#revisions[at] === 0) continue
      windows++
      points += this.#counts[at]!
      if (at % checkEvery !== 0 || this.#counts[at] !== size.samples) continue
      const series = Math.floor(at / size.windows)
      const host = Math.floor(series / fields.length)
      const exact = exactQuantile(
        this.#workload.samplesOf(host, series % fields.length, at % size.windows),
        0.99,
      )
      p99Error = Math.max(p99Error, Math.abs(this.#p99[at]! - exact) / exact)
      p99Checked++
    }
    return {
      windows,
      points,
      wrongCounts: windows - this.#right,
      doubled: this.#doubled,
      revisions: this.#revised,
      p99Error,
      p99Checked,
    }
  }
}
