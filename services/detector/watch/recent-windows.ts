import type { EventTime } from '../../../shared/stream/task.ts'

/** What stands beside the value of a window: the same number of figures in all windows of a watch, none for most. */
export type Beside = ArrayLike<number>

export const nothingBeside: Beside = []

/** Windows in order of time, start, value and what is beside it in a row: a few dozen for each of very many series. */
export class RecentWindows {
  /** Numbers of one window. */
  readonly #width: number
  #numbers: Float64Array
  #length = 0

  /** `besides` are those of all windows, one after the other, `beside` in each. */
  constructor(
    times: readonly EventTime[] = [],
    values: readonly number[] = [],
    besides: readonly number[] = [],
    beside = 0,
  ) {
    this.#width = 2 + beside
    this.#numbers = new Float64Array(this.#width * Math.max(8, times.length))
    for (const [i, time] of times.entries())
      this.push(time, values[i]!, besides.slice(i * beside, (i + 1) * beside))
  }

  get length(): number {
    return this.#length
  }

  time(i: number): EventTime {
    return this.#numbers[this.#width * i]!
  }

  value(i: number): number {
    return this.#numbers[this.#width * i + 1]!
  }

  beside(i: number): Beside {
    return this.#width === 2
      ? nothingBeside
      : this.#numbers.subarray(this.#width * i + 2, this.#width * (i + 1))
  }

  push(time: EventTime, value: number, beside: Beside = nothingBeside): void {
    this.#makeRoom()
    this.#write(this.#length, time, value, beside)
    this.#length++
  }

  /** The number of windows that start before `time`. */
  countBefore(time: EventTime): number {
    let i = this.#length
    while (i > 0 && this.time(i - 1) >= time) i--
    return i
  }

  /**
   * Puts a window in its place in time, where it replaces one of the same start; NaN takes that one out. A silence that
   * lasted until its start stays. Returns whether that has changed anything.
   */
  put(time: EventTime, value: number, beside: Beside = nothingBeside): boolean {
    let i = this.countBefore(time)
    while (i < this.#length && this.time(i) === time && Number.isNaN(this.value(i))) i++
    const isThere = i < this.#length && this.time(i) === time
    if (!isThere && Number.isNaN(value)) return false
    if (isThere && Object.is(this.value(i), value) && this.#isBeside(i, beside)) return false
    const width = this.#width
    if (Number.isNaN(value)) {
      this.#numbers.copyWithin(width * i, width * (i + 1), width * this.#length)
      this.#length--
      return true
    }
    if (!isThere) {
      this.#makeRoom()
      this.#numbers.copyWithin(width * (i + 1), width * i, width * this.#length)
      this.#length++
    }
    this.#write(i, time, value, beside)
    return true
  }

  /** Forgets the first `count` windows. */
  dropFirst(count: number): void {
    this.#numbers.copyWithin(0, this.#width * count, this.#width * this.#length)
    this.#length -= count
  }

  times(): readonly EventTime[] {
    return Array.from({ length: this.#length }, (_, i) => this.time(i))
  }

  values(): readonly number[] {
    return Array.from({ length: this.#length }, (_, i) => this.value(i))
  }

  /** As the constructor takes them. */
  besides(): readonly number[] {
    return Array.from({ length: this.#length }, (_, i) => Array.from(this.beside(i))).flat()
  }

  #isBeside(i: number, beside: Beside): boolean {
    for (let j = 0; j < this.#width - 2; j++)
      if (!Object.is(this.#numbers[this.#width * i + 2 + j], beside[j])) return false
    return true
  }

  #write(i: number, time: EventTime, value: number, beside: Beside): void {
    const at = this.#width * i
    this.#numbers[at] = time
    this.#numbers[at + 1] = value
    for (let j = 0; j < this.#width - 2; j++) this.#numbers[at + 2 + j] = beside[j] ?? Number.NaN
  }

  #makeRoom(): void {
    if (this.#width * this.#length < this.#numbers.length) return
    const larger = new Float64Array(Math.ceil(this.#length * 1.5) * this.#width)
    larger.set(this.#numbers)
    this.#numbers = larger
  }
}
