import { writeLong } from './varints.ts'

/** Bytes that a number takes at most, with some to spare. */
const room = 16

/** Numbers as bytes, in memory that grows: an array of a hundred thousand would be made anew a dozen times, and then be written. */
export class VarintColumn {
  #bytes = Buffer.allocUnsafe(256)
  length = 0

  /** A safe integer. */
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
