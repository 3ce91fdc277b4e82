import { addToBin, type Bins, binCount, binIndex, maxBinCount } from './bins.ts'
import { exactSamples, maxBins, type SketchState } from './state.ts'

/**
 * The byte form, version 1. Integers are LEB128 varints, signed ones zigzag; doubles are little-endian.
 *
 *     version = 1, kind = 0 (exact):  count, then the samples in ascending order, a double each
 *     version = 1, kind = 1 (bins):   level, zeros, min, max (doubles), then the positive and the negative bins:
 *                                     number of bins, then each bin's index (the first signed, the others as the
 *                                     distance from the one before) and count
 */
const version = 1
const kinds = { exact: 0, bins: 1 } as const

/** Of an index: |log_γ x| of any double is below 2^16. */
const maxIndex = 2 ** 16

export function writeSketch(state: SketchState): Uint8Array {
  const writer = new Writer()
  writer.varint(version)
  if (state.exact) {
    writer.varint(kinds.exact)
    writer.varint(state.exact.length)
    for (const sample of state.exact.sort((a, b) => a - b)) writer.double(sample)
    return writer.bytes()
  }
  writer.varint(kinds.bins)
  writer.varint(state.level)
  writer.varint(state.zeros)
  writer.double(state.min)
  writer.double(state.max)
  writeBins(writer, state.positive)
  writeBins(writer, state.negative)
  return writer.bytes()
}

/** Throws RangeError for bytes that were not written by `writeSketch`. Reads no more than the bytes claim and hold. */
export function readSketch(bytes: Uint8Array): SketchState {
  const reader = new Reader(bytes)
  if (reader.varint() !== version) throw new RangeError('not a sketch of version 1')
  const kind = reader.varint()
  const state =
    kind === kinds.exact ? readExact(reader) : kind === kinds.bins ? readBinned(reader) : undefined
  if (!state || !reader.atEnd) throw new RangeError('malformed sketch')
  return state
}

function readExact(reader: Reader): SketchState {
  const count = reader.varint()
  if (count > exactSamples) throw new RangeError('malformed sketch: too many exact samples')
  const exact = Array.from({ length: count }, () => reader.double())
  const ascending = exact.every(
    (sample, i) => Number.isFinite(sample) && (i === 0 || exact[i - 1]! <= sample),
  )
  if (!ascending) throw new RangeError('malformed sketch: samples out of order')
  return {
    exact,
    level: 0,
    positive: [],
    negative: [],
    zeros: 0,
    count,
    min: exact[0] ?? Infinity,
    max: exact.at(-1) ?? -Infinity,
  }
}

function readBinned(reader: Reader): SketchState {
  const level = reader.varint()
  const zeros = reader.varint()
  const min = reader.double()
  const max = reader.double()
  const positive = readBins(reader)
  const negative = readBins(reader)
  const count = [...positive, ...negative].reduce((sum, bin) => sum + binCount(bin), zeros)
  const sound =
    level <= 16 && positive.length + negative.length <= maxBins && min <= max && count > exactSamples
  if (!sound || !Number.isFinite(min) || !Number.isFinite(max))
    throw new RangeError('malformed sketch: impossible bins')
  return { exact: undefined, level, positive, negative, zeros, count, min, max }
}

function writeBins(writer: Writer, bins: Bins): void {
  writer.varint(bins.length)
  let previous: number | undefined
  for (const bin of bins) {
    const index = binIndex(bin)
    if (previous === undefined) writer.zigzag(index)
    else writer.varint(index - previous)
    writer.varint(binCount(bin))
    previous = index
  }
}

function readBins(reader: Reader): Bins {
  const length = reader.varint()
  if (length > maxBins) throw new RangeError('malformed sketch: too many bins')
  const bins: Bins = []
  let index = 0
  for (let i = 0; i < length; i++) {
    const step = i === 0 ? reader.zigzag() : reader.varint()
    const count = reader.varint()
    index += step
    if ((i > 0 && step === 0) || Math.abs(index) > maxIndex || count === 0 || count > maxBinCount) {
      throw new RangeError('malformed sketch: impossible bin')
    }
    addToBin(bins, index, count)
  }
  return bins
}

class Writer {
  #bytes = Buffer.allocUnsafe(256)
  #end = 0

  /** Of an integer from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(8)
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#end++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#end++] = rest
  }

  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  double(value: number): void {
    this.#reserve(8)
    this.#end = this.#bytes.writeDoubleLE(value, this.#end)
  }

  bytes(): Uint8Array {
    return Buffer.from(this.#bytes.subarray(0, this.#end))
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2)
    this.#bytes.copy(larger)
    this.#bytes = larger
  }
}

class Reader {
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get atEnd(): boolean {
    return this.#at === this.#view.byteLength
  }

  varint(): number {
    let value = 0
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#view.getUint8(this.#at++)
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw new RangeError('malformed sketch: number too long')
  }

  zigzag(): number {
    const value = this.varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  double(): number {
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += 8
    return value
  }
}
