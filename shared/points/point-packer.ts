import type { PackedPoints } from '../avro/types.ts'
import { VarintColumn } from '../avro/varint-column.ts'
import { asDouble, decimalsOf, digitsOf } from './decimals.ts'

/** Writes the columns of one batch point by point, as PackedPoints has them. */
export class PointPacker {
  readonly #seriesIndex = new VarintColumn()
  readonly #times = new VarintColumn()
  readonly #values = new VarintColumn()
  readonly #doubles: number[] = []
  #count = 0
  #lastIndex = 0
  #lastTime = 0

  get count(): number {
    return this.#count
  }

  /** Of all columns. */
  get bytes(): number {
    return this.#seriesIndex.length + this.#times.length + this.#values.length + 8 * this.#doubles.length
  }

  /**
   * `time` is a whole number, `value` finite. `decimals` are what this has answered for the last value of the series in
   * this batch, and 0 for the first: a series' numbers mostly have the same precision, so that one attempt is enough.
   */
  add(index: number, time: number, value: number, decimals: number): number {
    this.#seriesIndex.write(index - this.#lastIndex)
    this.#times.write(time - this.#lastTime)
    this.#lastIndex = index
    this.#lastTime = time
    this.#count++
    let enough = decimals
    let digits = digitsOf(value, decimals)
    // Also of a series that has once needed a double: the next ones do, and none of them is tried seven times.
    if (Number.isNaN(digits) && decimals !== asDouble) {
      enough = decimalsOf(value)
      digits = digitsOf(value, enough)
    }
    if (enough === asDouble) {
      this.#values.write(asDouble)
      this.#doubles.push(value)
    } else this.#values.write(8 * digits + enough)
    return enough
  }

  finish(): PackedPoints {
    return {
      count: this.#count,
      seriesIndex: this.#seriesIndex.bytes,
      times: this.#times.bytes,
      values: this.#values.bytes,
      doubles: this.#doubles,
    }
  }
}
