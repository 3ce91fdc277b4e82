import type { PackedPoints } from '../avro/types.ts'
import { writeLong } from '../avro/varints.ts'
import { asDouble, decimalsOf, digitsOf } from './decimals.ts'

/** Writes the columns of one batch point by point, as PackedPoints has them. */
export class PointPacker {
  readonly #seriesIndex = new Column()
  readonly #times = new Column()
  readonly #values = new Column()
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

/** Bytes that a number takes at most, with some to spare. */
const room = 16

/** Numbers as bytes, in memory that grows: an array of a hundred thousand would be made anew a dozen times, and then be written. */
class Column {
  #bytes = Buffer.allocUnsafe(256)
  length = 0

  write(value: number): void {
    if (this.length + room > this.#bytes.length) this.#grow()
    // Most steps are none or one.
    if (value >= 0 && value < 64) this.#bytes[this.length++] = value << 1
    else this.length = writeLong(this.#bytes, this.length, value)
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  #grow(): void {
    const bytes = Buffer.allocUnsafe(4 * this.#bytes.length)
    this.#bytes.copy(bytes, 0, 0, this.length)
    this.#bytes = bytes
  }
}
