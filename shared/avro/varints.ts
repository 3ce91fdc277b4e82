/** Integers as Avro writes them: zigzag (0, -1, 1, -2, …), then as varints. */

/** An integer of 32 bits, seven in a byte, the lowest first; the top bit of a byte says that more follow. */
function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = value
  let to = at
  for (; rest >>> 0 >= 0x80; rest >>>= 7) bytes[to++] = rest | 0x80
  bytes[to++] = rest
  return to
}

/** Puts `values` into `bytes`, where there is room, from `at` on; answers where they end, or -1 if one is no integer of 32 bits. */
export function writeInts(bytes: Buffer, at: number, values: readonly number[]): number {
  let to = at
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value !== (value | 0)) return -1
    to = writeVarint(bytes, to, (value << 1) ^ (value >> 31))
  }
  return to
}

/** Four bytes hold the sign and this many sizes of an integer. */
const nearby = 2 ** 27

/** As writeInts, for all safe integers. avsc's own loses the lowest bit beyond 2^52. */
export function writeLongs(bytes: Buffer, at: number, values: readonly number[]): number {
  let to = at
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isSafeInteger(value)) return -1
    to = writeLong(bytes, to, value)
  }
  return to
}

/** Puts a safe integer into `bytes`, where there is room, at `at`; answers where it ends. */
export function writeLong(bytes: Buffer, at: number, value: number): number {
  if (value === (value | 0)) return writeVarint(bytes, at, (value << 1) ^ (value >> 31))
  const sign = value < 0 ? 1 : 0
  const size = value < 0 ? -(value + 1) : value
  const high = Math.floor(size / nearby)
  const low = ((size - high * nearby) << 1) | sign
  bytes[at] = low | 0x80
  bytes[at + 1] = (low >>> 7) | 0x80
  bytes[at + 2] = (low >>> 14) | 0x80
  bytes[at + 3] = (low >>> 21) | 0x80
  return writeVarint(bytes, at + 4, high)
}

/**
 * Fills places [from, to) of `values`; answers where they end in `bytes`, beyond its length if they are cut off. Throws
 * RangeError, as avsc does for a single one, when one is no safe integer: it could not be written again.
 */
export function readIntegers(
  bytes: Uint8Array,
  at: number,
  values: number[],
  from: number,
  to: number,
): number {
  let next = at
  for (let i = from; i < to; i++) {
    let byte = bytes[next++]!
    let low = byte & 0x7f
    for (let shift = 7; byte >= 0x80 && shift < 28; shift += 7) {
      byte = bytes[next++]!
      low |= (byte & 0x7f) << shift
    }
    if (byte < 0x80) {
      values[i] = (low >>> 1) ^ -(low & 1)
      continue
    }
    let high = 0
    for (let unit = nearby; byte >= 0x80; unit *= 0x80) {
      byte = bytes[next++]!
      high += (byte & 0x7f) * unit
    }
    const size = high + (low >>> 1)
    const value = low & 1 ? -size - 1 : size
    if (!Number.isSafeInteger(value)) throw new RangeError('an integer is too large to be exact')
    values[i] = value
  }
  return next
}

/** Reads integers one by one. */
export class VarintReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether all bytes were read, and none beyond them. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Whether there is something left to be read. */
  get hasMore(): boolean {
    return this.#at < this.#bytes.length
  }

  /** The next one; any number when there is none. */
  next(): number {
    const byte = this.#bytes[this.#at]!
    if (byte >= 0x80) return this.#long()
    // Most are short.
    this.#at++
    return (byte >>> 1) ^ -(byte & 1)
  }

  #long(): number {
    const bytes = this.#bytes
    let at = this.#at
    let byte = bytes[at++]!
    let low = byte & 0x7f
    for (let shift = 7; byte >= 0x80 && shift < 28; shift += 7) {
      byte = bytes[at++]!
      low |= (byte & 0x7f) << shift
    }
    let size = low >>> 1
    for (let unit = nearby; byte >= 0x80; unit *= 0x80) {
      byte = bytes[at++]!
      size += (byte & 0x7f) * unit
    }
    this.#at = at
    return low & 1 ? -size - 1 : size
  }
}
