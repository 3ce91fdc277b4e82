/**
 * 64 bits that stand for what was mixed in, as two signed 32 bit numbers: small integers to the engine, so that making one
 * allocates nothing. The mixing is that of MurmurHash3_x86_128 (Austin Appleby, 2011) with two of its four lanes: each step
 * maps pairs of words to pairs of states one to one, so what differs in one step only never collides.
 */
export class Fingerprint {
  high = 0
  low = 0
  #steps = 0

  /** Begins anew, from a seed or from another fingerprint. */
  begin(high: number, low: number): this {
    this.high = high | 0
    this.low = low | 0
    this.#steps = 0
    return this
  }

  /** All bits of a double. */
  number(value: number): this {
    asDouble[0] = value
    return this.words(asWords[0]!, asWords[1]!)
  }

  /** Its length goes in as well, so that two texts never run into each other. */
  text(text: string): this {
    const { length } = text
    for (let i = 0; i < length; i += 4)
      this.words(unitsAt(text, i), i + 2 < length ? unitsAt(text, i + 2) : 0)
    return this.words(length, 0)
  }

  /** As for texts. */
  bytes(bytes: Uint8Array): this {
    const { length } = bytes
    let i = 0
    for (; i + 8 <= length; i += 8) this.words(wordAt(bytes, i), wordAt(bytes, i + 4))
    let rest = 0
    let last = 0
    for (let at = length - 1; at >= i; at--)
      if (at - i < 4) rest = (rest << 8) | bytes[at]!
      else last = (last << 8) | bytes[at]!
    return this.words(rest, last).words(length, 0)
  }

  words(first: number, second: number): this {
    const one = Math.imul(rotated(Math.imul(first, 0x239b961b), 15), 0xab0e9789)
    const other = Math.imul(rotated(Math.imul(second, 0xab0e9789), 16), 0x38b34ae5)
    const high = (Math.imul(rotated(this.high ^ one, 19) + this.low, 5) + 0x561ccd1b) | 0
    this.low = (Math.imul(rotated(this.low ^ other, 17) + high, 5) + 0x0bcaa747) | 0
    this.high = high
    this.#steps++
    return this
  }

  /** Nothing more is mixed in. */
  end(): this {
    const high = (this.high ^ this.#steps) + (this.low ^ this.#steps)
    const low = finished((this.low ^ this.#steps) + high)
    this.high = (finished(high) + low) | 0
    this.low = (low + this.high) | 0
    return this
  }
}

const asDouble = new Float64Array(1)
const asWords = new Int32Array(asDouble.buffer)

const rotated = (word: number, by: number) => (word << by) | (word >>> (32 - by))

const wordAt = (bytes: Uint8Array, i: number) =>
  bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)

/** Two units of UTF-16, or the last one. */
const unitsAt = (text: string, i: number) =>
  i + 1 < text.length ? text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16) : text.charCodeAt(i)

/** MurmurHash3's fmix32: each bit of the word changes each bit of the result with a chance of about a half. */
function finished(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
