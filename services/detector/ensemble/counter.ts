import type { Cells, Layout } from '../models/cells.ts'

/**
 * Tells a counter, which only rises but for resets, from other series: of a counter not the reading is watched but what it
 * gained, so that a restart of a process is no anomaly.
 */
export class Counter {
  /** 0 while all values may be a counter's, then 1; rises. */
  readonly #at: number

  constructor(layout: Layout) {
    this.#at = layout.floats(2)
  }

  /** Whether this value after that one shows that the series is none. */
  refutes(reading: number, last: number): boolean {
    return reading < 0 || (reading < last && reading > resetTo * last)
  }

  learn({ floats }: Cells, reading: number, last: number): void {
    if (this.refutes(reading, last)) floats[this.#at] = 1
    else if (reading > last) floats[this.#at + 1]! += 1
  }

  /** After so many first values. */
  isOne({ floats }: Cells, count: number): boolean {
    return floats[this.#at] === 0 && floats[this.#at + 1]! >= 0.75 * count
  }

  /** What a counter gained: after a reset, all that it shows. */
  gain(reading: number, last: number): number {
    return reading < last ? reading : reading - last
  }
}

/** A reset leaves no more than this part of a reading. */
const resetTo = 0.5
