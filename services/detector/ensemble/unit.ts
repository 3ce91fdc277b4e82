import { medianSorted } from 'simple-statistics'
import type { Cells, Layout } from '../models/cells.ts'

/** Values that a series' unit is taken from. */
export const firstValues = 32

/**
 * The series' own unit: its first values have median 0 and a usual deviation of 1. It is fixed after them, so that all
 * that is learnt later keeps its meaning; what is usual is followed elsewhere.
 */
export class Unit {
  readonly #center: number
  readonly #scale: number
  readonly #first: number

  constructor(layout: Layout) {
    this.#center = layout.numbers(1)
    this.#scale = layout.numbers(1)
    this.#first = layout.earlyNumbers(firstValues)
  }

  /** Keeps one of the first values, with `count` before it. */
  keep({ early }: Cells, count: number, value: number): void {
    early!.numbers[this.#first + count] = value
  }

  /** The first values, to be replaced where it is not they that are watched. */
  first({ early }: Cells): Float64Array {
    return early!.numbers.subarray(this.#first, this.#first + firstValues)
  }

  /** Takes the unit from the first values. */
  fix(cells: Cells): void {
    const { numbers } = cells
    const sorted = this.first(cells).slice().sort()
    const center = medianSorted(sorted as unknown as number[])
    const away = sorted.map((value) => Math.abs(value - center)).sort()
    numbers[this.#center] = center
    numbers[this.#scale] = Math.min(
      Number.MAX_VALUE,
      Math.max(
        1.4826 * medianSorted(away as unknown as number[]),
        // For values of which most are equal.
        away.reduce((sum, one) => sum + one / firstValues, 0),
        Math.abs(center) * finest,
      ) || 1,
    )
  }

  /** In units of the series. */
  toUnits({ numbers }: Cells, value: number): number {
    const units = value / numbers[this.#scale]! - numbers[this.#center]! / numbers[this.#scale]!
    return Math.max(-farthest, Math.min(farthest, units))
  }

  /** A difference in units of the series, as one of values. */
  sizeOf({ numbers }: Cells, units: number): number {
    return units * numbers[this.#scale]!
  }

  /** On top of `base`; the largest number for what is beyond all. */
  fromUnits({ numbers }: Cells, units: number, base = 0): number {
    const value = units * numbers[this.#scale]! + numbers[this.#center]! + base
    return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))
  }
}

/** A series that was flat at first is measured in this part of its level. */
const finest = 0.01
/** Squares and sums of these are still numbers, in single precision too. */
const farthest = 1e15
