import { Calibrator } from '../models/calibrator.ts'
import type { Cells, Layout } from '../models/cells.ts'

/** How often a series has values, and when its silence is unusual. */
export class Pulse {
  /** Typical distance between two values, milliseconds; 0 before it is known. */
  readonly #step: number
  readonly #calibrator: Calibrator

  constructor(layout: Layout) {
    this.#step = layout.numbers(1)
    this.#calibrator = new Calibrator(layout, { usual: 0.4, excess: 0.15 })
  }

  /** Before the first value, where it is known otherwise. */
  start({ numbers }: Cells, stepMs: number): void {
    numbers[this.#step] = stepMs
  }

  /** -ln of the chance that so long passes without a value. */
  surprise(cells: Cells, elapsedMs: number): number {
    const step = cells.numbers[this.#step]!
    return step === 0 ? 0 : this.#calibrator.surprise(cells, elapsedMs / step - 1)
  }

  learn(cells: Cells, elapsedMs: number): void {
    const { numbers } = cells
    const step = numbers[this.#step]!
    if (!(elapsedMs > 0)) return
    if (step === 0) {
      numbers[this.#step] = elapsedMs
      return
    }
    this.#calibrator.learn(cells, Math.max(0, elapsedMs / step - 1))
    numbers[this.#step] = step + (Math.min(elapsedMs, 2 * step) - step) / 16
  }
}
