import type { Cells, Layout } from '../models/cells.ts'
import type { Model, Sample } from '../models/series-model.ts'

/** A model's distances, in logarithms, in standard deviations from their own mean: how much they surprise on this series. */
export class Surprise {
  readonly #model: Model
  /** Mean and mean square of the logarithms, and of how many. */
  readonly #at: number

  constructor(layout: Layout, model: Model) {
    this.#model = model
    this.#at = layout.floats(3)
  }

  judge(cells: Cells, sample: Sample): number {
    const { floats } = cells
    const at = this.#at
    const deviation = Math.sqrt(Math.max(0, floats[at + 1]! - floats[at]! ** 2)) + least
    return Math.max(0, (this.#logDistance(cells, sample) - floats[at]!) / deviation)
  }

  learn(cells: Cells, sample: Sample): void {
    const { floats } = cells
    const at = this.#at
    const far = this.#logDistance(cells, sample)
    const count = Math.min(memory, floats[at + 2]! + 1)
    floats[at + 2] = count
    floats[at]! += (far - floats[at]!) / count
    floats[at + 1]! += (far * far - floats[at + 1]!) / count
    this.#model.learn(cells, sample)
  }

  #logDistance(cells: Cells, sample: Sample): number {
    return Math.log(this.#model.judge(cells, sample) + near)
  }
}

/** A distance that means nothing yet. */
const near = 0.1
const least = 0.02
const memory = 1 << 16
