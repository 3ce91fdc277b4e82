import type { Cells, Layout } from '../models/cells.ts'

/**
 * How much a distance surprises on this series: its logarithm, in standard deviations above the mean of all logarithms
 * before. Distances to the nearest value seen differ by orders of magnitude, and so do series.
 */
export class Surprise {
  /** Mean and mean square of the logarithms, and of how many. */
  readonly #at: number

  constructor(layout: Layout) {
    this.#at = layout.floats(3)
  }

  of({ floats }: Cells, distance: number): number {
    const mean = floats[this.#at]!
    const deviation = Math.sqrt(Math.max(0, floats[this.#at + 1]! - mean * mean)) + leastDeviation
    return Math.max(0, (logOf(distance) - mean) / deviation)
  }

  learn({ floats }: Cells, distance: number): void {
    const log = logOf(distance)
    const count = Math.min(memory, floats[this.#at + 2]! + 1)
    floats[this.#at + 2] = count
    floats[this.#at]! += (log - floats[this.#at]!) / count
    floats[this.#at + 1]! += (log * log - floats[this.#at + 1]!) / count
  }
}

/** Distances much below mean nothing. */
const near = 0.1
const logOf = (distance: number) => Math.log(distance + near)
const leastDeviation = 0.02
const memory = 1 << 16
