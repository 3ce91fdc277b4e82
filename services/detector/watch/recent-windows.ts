import type { EventTime } from '../../../shared/stream/task.ts'

/** Windows in order of time, start and value side by side: a few dozen for each of very many series. */
export class RecentWindows {
  #numbers: Float64Array
  #length = 0

  constructor(times: readonly EventTime[] = [], values: readonly number[] = []) {
    this.#numbers = new Float64Array(2 * Math.max(8, times.length))
    for (const [i, time] of times.entries()) this.push(time, values[i]!)
  }

  get length(): number {
    return this.#length
  }

  time(i: number): EventTime {
    return this.#numbers[2 * i]!
  }

  value(i: number): number {
    return this.#numbers[2 * i + 1]!
  }

  push(time: EventTime, value: number): void {
    this.#makeRoom()
    this.#numbers[2 * this.#length] = time
    this.#numbers[2 * this.#length + 1] = value
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
  put(time: EventTime, value: number): boolean {
    let i = this.countBefore(time)
    while (i < this.#length && this.time(i) === time && Number.isNaN(this.value(i))) i++
    const isThere = i < this.#length && this.time(i) === time
    if (Object.is(isThere ? this.value(i) : Number.NaN, value)) return false
    if (Number.isNaN(value)) {
      this.#numbers.copyWithin(2 * i, 2 * i + 2, 2 * this.#length)
      this.#length--
      return true
    }
    if (!isThere) {
      this.#makeRoom()
      this.#numbers.copyWithin(2 * i + 2, 2 * i, 2 * this.#length)
      this.#length++
    }
    this.#numbers[2 * i] = time
    this.#numbers[2 * i + 1] = value
    return true
  }

  /** Forgets the first `count` windows. */
  dropFirst(count: number): void {
    this.#numbers.copyWithin(0, 2 * count, 2 * this.#length)
    this.#length -= count
  }

  times(): readonly EventTime[] {
    return Array.from({ length: this.#length }, (_, i) => this.time(i))
  }

  values(): readonly number[] {
    return Array.from({ length: this.#length }, (_, i) => this.value(i))
  }

  #makeRoom(): void {
    if (2 * this.#length < this.#numbers.length) return
    const larger = new Float64Array(Math.ceil(this.#length * 1.5) * 2)
    larger.set(this.#numbers)
    this.#numbers = larger
  }
}
