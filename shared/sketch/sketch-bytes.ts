import { coarsestScale, finestScale, keyExists, zeroKey } from './buckets.ts'
import type { Contents } from './contents.ts'
import { exactSamples, maxBins, maxCount, maxGroups } from './limits.ts'
import { fromUnits, toUnits, type Units } from './units.ts'

/**
 * The byte form, version 2. Integers are LEB128 varints of at most 53 bits, signed ones zigzag; doubles are
 * little-endian, finite, and never -0.
 *
 *     2, 0 (exact)   count, then the samples in ascending order, a double each
 *     2, 1 (bins)    level: how often neighbouring buckets were merged, from scale 6 on
 *                    sum: the number of doubles, 0 to 2, whose sum it is, then these, the nearest to the sum first;
 *                         or 3 for a sum that needs more: whether it is negative, trailing zero bytes, bytes, then the
 *                         bytes of its magnitude in units of 2^-1074, lowest first
 *                    min, max: doubles
 *                    number of bins, then each bin in ascending order: twice the distance to the key before (first
 *                         from zero, signed; then less 1), plus 1 if a count follows: of the bin less 2. Else it is 1
 *
 * Keys are those of buckets.ts relative to zero's: for bucket i 68738 + i of positive values, negated for negative ones.
 */
const version = 2
const kinds = { exact: 0, bins: 1 } as const

const scratch = Buffer.alloc(128 * 1024)
const view = new DataView(scratch.buffer, scratch.byteOffset, scratch.byteLength)

export function writeContents(contents: Contents): Uint8Array {
  scratch[0] = version
  scratch[1] = contents.exact ? kinds.exact : kinds.bins
  const end = contents.exact ? writeExact(contents, 2) : writeBinned(contents, 2)
  return Buffer.from(scratch.subarray(0, end))
}

function writeExact({ count, samples }: Contents, start: number): number {
  let at = writeVarint(count, start)
  for (let i = 0; i < count; i++) at = writeDouble(samples[i]!, at)
  return at
}

function writeBinned(contents: Contents, start: number): number {
  const { keys, counts, bins } = contents
  let at = writeVarint(contents.level, start)
  at = writeSum(contents, at)
  at = writeDouble(contents.min, at)
  at = writeDouble(contents.max, at)
  at = writeVarint(bins, at)
  let previous = zeroKey
  for (let i = 0; i < bins; i++) {
    const distance = i === 0 ? zigzag(keys[i]! - previous) : keys[i]! - previous - 1
    previous = keys[i]!
    const count = counts[i]!
    if (count === 1) at = writeVarint(2 * distance, at)
    else at = writeVarint(count - 2, writeVarint(2 * distance + 1, at))
  }
  return at
}

function writeSum({ sum, units }: Contents, at: number): number {
  let [high = 0, low = 0] = sum
  if (units !== undefined) {
    high = fromUnits(units)
    if (!Number.isFinite(high)) return writeUnits(units, at)
    const rest = units - toUnits(high)
    low = fromUnits(rest)
    if (toUnits(low) !== rest) return writeUnits(units, at)
  }
  if (high === 0) return writeVarint(0, at)
  if (low === 0) return writeDouble(high, writeVarint(1, at))
  return writeDouble(low, writeDouble(high, writeVarint(2, at)))
}

function writeUnits(units: Units, start: number): number {
  const hex = (units < 0n ? -units : units).toString(16)
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length & 1), '0'), 'hex').reverse()
  const zeros = bytes.findIndex((byte) => byte !== 0)
  let at = writeVarint(units < 0n ? 1 : 0, writeVarint(3, start))
  at = writeVarint(bytes.length - zeros, writeVarint(zeros, at))
  return at + bytes.copy(scratch, at, zeros)
}

/** Of an integer from 0 to 2^53. */
function writeVarint(value: number, start: number): number {
  let at = start
  let rest = value
  while (rest >= 2 ** 31) {
    scratch[at++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  while (rest >= 128) {
    scratch[at++] = (rest & 127) | 128
    rest >>>= 7
  }
  scratch[at++] = rest
  return at
}

function writeDouble(value: number, at: number): number {
  view.setFloat64(at, value, true)
  return at + 8
}

const zigzag = (value: number) => (value >= 0 ? value * 2 : -value * 2 - 1)

/** Throws RangeError for bytes that `writeContents` would not have written. Reads no more than they claim and hold. */
export function readContents(bytes: Uint8Array, contents: Contents): void {
  const reader = new Reader(bytes)
  if (reader.varint() !== version) throw new RangeError(`not a sketch of version ${version}`)
  const kind = reader.varint()
  contents.clear()
  if (kind === kinds.exact) readExact(reader, contents)
  else if (kind === kinds.bins) readBinned(reader, contents)
  else throw malformed('unknown kind')
  if (!reader.atEnd) throw malformed('bytes after its end')
}

function readExact(reader: Reader, contents: Contents): void {
  const count = reader.varint()
  if (count > exactSamples) throw malformed('too many samples')
  const { samples } = contents
  for (let i = 0; i < count; i++) {
    const sample = reader.double()
    if (i > 0 && sample < samples[i - 1]!) throw malformed('samples out of order')
    samples[i] = sample
    contents.addToSum(sample, 1)
  }
  contents.count = count
  if (count > 0) {
    contents.min = samples[0]!
    contents.max = samples[count - 1]!
  }
}

/** Above twice the distance of any keys, doubled again to be signed. */
const largestStep = 2 ** 21

function readBinned(reader: Reader, contents: Contents): void {
  contents.exact = false
  contents.level = reader.varint()
  if (contents.level > finestScale - coarsestScale) throw malformed('unknown level')
  readSum(reader, contents)
  contents.min = reader.double()
  contents.max = reader.double()
  if (contents.min > contents.max) throw malformed('min above max')
  const bins = reader.varint()
  if (bins === 0 || bins > maxBins) throw malformed('impossible number of bins')
  const { keys, counts, level } = contents
  let key = zeroKey
  let total = 0
  for (let i = 0; i < bins; i++) {
    const step = reader.varint()
    if (step > largestStep) throw malformed('impossible bin')
    const distance = step >> 1
    key += i > 0 ? distance + 1 : distance & 1 ? -(distance + 1) >> 1 : distance >> 1
    const count = step & 1 ? reader.varint() + 2 : 1
    if (count > maxCount || !keyExists(key, level)) throw malformed('impossible bin')
    keys[i] = key
    counts[i] = count
    total += count
  }
  contents.bins = bins
  if (contents.groups > maxGroups) throw malformed('too many groups of bins')
  contents.count = Math.min(maxCount, total)
}

function readSum(reader: Reader, contents: Contents): void {
  const doubles = reader.varint()
  if (doubles > 3) throw malformed('unknown form of sum')
  if (doubles === 3) {
    contents.units = readUnits(reader)
    contents.sum[0] = Number.NaN
    return
  }
  const high = doubles > 0 ? reader.double() : 0
  const low = doubles > 1 ? reader.double() : 0
  if ((doubles > 0 && high === 0) || (doubles > 1 && (low === 0 || high + low !== high)))
    throw malformed('sum not in its shortest form')
  contents.addToSum(high, 1)
  contents.addToSum(low, 1)
}

/** The largest sum there may be, of maxCount of the largest doubles. */
const maxUnitBytes = 2 ** 9

function readUnits(reader: Reader): Units {
  const negative = reader.varint()
  const zeros = reader.varint()
  const length = reader.varint()
  if (negative > 1 || length === 0 || zeros + length > maxUnitBytes) throw malformed('impossible sum')
  const bytes = Buffer.from(reader.take(length)).reverse()
  if (bytes[0] === 0 || bytes[length - 1] === 0) throw malformed('sum not in its shortest form')
  const magnitude = BigInt(`0x${bytes.toString('hex')}`) << BigInt(8 * zeros)
  return negative ? -magnitude : magnitude
}

const malformed = (what: string) => new RangeError(`malformed sketch: ${what}`)

class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  varint(): number {
    const first = this.#bytes[this.#at]
    if (first !== undefined && first < 128) {
      this.#at++
      return first
    }
    return this.#longVarint()
  }

  #longVarint(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw malformed('cut off')
      value += (byte & 127) * scale
      if (byte < 128) {
        if (byte === 0 && scale > 1) throw malformed('number not in its shortest form')
        return value
      }
    }
    throw malformed('number too long')
  }

  double(): number {
    if (this.#at + 8 > this.#bytes.length) throw malformed('cut off')
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    if (!Number.isFinite(value) || Object.is(value, -0)) throw malformed('impossible number')
    return value
  }

  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw malformed('cut off')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
