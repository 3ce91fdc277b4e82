import { medianSorted } from 'simple-statistics'
import type { Cells, Layout } from '../models/cells.ts'
import { SeenValues } from '../models/seen-values.ts'
import { Reports } from './reports.ts'
import { Surprise } from './surprise.ts'

/** Values that the score's own unit is taken from; there is no score before. */
const firstValues = 256
/** Values that the mean goes over. */
const meanValues = 32
/** A mean hides its own beginning: it must surprise twice as much. */
const meanWeight = 0.5

/** A distance between `judge` and `learn`. */
interface Watch {
  readonly seen: SeenValues
  readonly surprise: Surprise
  value: number
  distance: number
}

/**
 * A score that ranks the rows of a series: how new the value is to it, or the mean of the last ones, which finds what
 * changes slowly. Its unit comes from more values than the panel's, because it needs to know what is usual by day.
 */
export class Score {
  readonly #first: number
  readonly #kept: number
  readonly #center: number
  readonly #scale: number
  readonly #mean: number
  readonly #values: Watch
  readonly #means: Watch
  readonly #reports: Reports
  #surprise = 0

  constructor(layout: Layout) {
    this.#first = layout.earlyFloats(firstValues)
    this.#kept = layout.floats(1)
    this.#center = layout.floats(1)
    this.#scale = layout.floats(1)
    this.#mean = layout.floats(1)
    this.#values = watchOf(layout)
    this.#means = watchOf(layout)
    this.#reports = new Reports(layout)
  }

  /** Of a value in the panel's units. */
  judge(cells: Cells, value: number): number {
    const { floats } = cells
    if (floats[this.#kept]! < firstValues) return 0
    this.#values.value = (value - floats[this.#center]!) / floats[this.#scale]!
    this.#means.value = floats[this.#mean]! + (this.#values.value - floats[this.#mean]!) / meanValues
    for (const watch of [this.#values, this.#means]) watch.distance = watch.seen.distance(cells, watch.value)
    this.#surprise = Math.max(
      this.#values.surprise.of(cells, this.#values.distance),
      meanWeight * this.#means.surprise.of(cells, this.#means.distance),
    )
    return this.#reports.weigh(cells, this.#surprise)
  }

  /** Learns the value that was judged last. */
  learn(cells: Cells, value: number): void {
    const { floats } = cells
    if (floats[this.#kept]! < firstValues) {
      this.keep(cells, value)
      return
    }
    this.#reports.learn(cells, this.#surprise)
    for (const watch of [this.#values, this.#means]) {
      watch.surprise.learn(cells, watch.distance)
      watch.seen.add(cells, watch.value)
    }
    floats[this.#mean] = this.#means.value
  }

  /** Takes one of the first values. They are not needed any more when all are there. */
  keep(cells: Cells, value: number): void {
    const { floats } = cells
    const early = cells.early!.floats
    const kept = floats[this.#kept]!
    early[this.#first + kept] = value
    floats[this.#kept] = kept + 1
    if (kept + 1 < firstValues) return
    cells.early = undefined
    const sorted = early.slice(this.#first, this.#first + firstValues).sort()
    const center = medianSorted(sorted as unknown as number[])
    const away = sorted.map((one) => Math.abs(one - center)).sort()
    const median = medianSorted(away as unknown as number[])
    const mean = away.reduce((sum, one) => sum + one / firstValues, 0)
    floats[this.#center] = center
    floats[this.#scale] = Math.max(1.4826 * median, mean, finest)
  }
}

const watchOf = (layout: Layout): Watch => ({
  seen: new SeenValues(layout),
  surprise: new Surprise(layout),
  value: 0,
  distance: 0,
})

/** In the panel's units. */
const finest = 0.01
