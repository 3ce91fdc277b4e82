import {
  coarsestScale,
  finestScale,
  indexOfKey,
  keyExists,
  keyOf,
  negativeKey,
  positiveKey,
  zeroKey,
} from './buckets.ts'
import { Contents } from './contents.ts'
import { maxCount } from './limits.ts'
import {
  bytesField,
  doubleField,
  doubles,
  type FieldValue,
  readFields,
  varintField,
  zigzag,
  zigzagDecode,
} from './protobuf.ts'
import { readContents, writeContents } from './sketch-bytes.ts'

/**
 * How a DDSketch makes an index of log_γ x. DataDog's libraries differ, and nothing in the bytes tells: those in Java and
 * Go, and so the Agent, round down; those in JavaScript and Python round up. Taken wrongly, all values are off by γ.
 */
export type IndexRounding = 'down' | 'up'

// Filled for the length of one call.
const laid = new Contents()

const fields = {
  sketch: { mapping: 1, positive: 2, negative: 3, zeroCount: 4 },
  mapping: { gamma: 1, indexOffset: 2, interpolation: 3 },
  store: { binCounts: 1, contiguousCounts: 2, contiguousOffset: 3 },
  entry: { key: 1, value: 2 },
} as const

/** The protobuf message DDSketch of a sketch in its byte form, with the same bins. Throws RangeError for malformed bytes. */
export function toDDSketch(sketch: Uint8Array, rounding: IndexRounding = 'down'): Uint8Array {
  readContents(sketch, laid)
  laid.toBins()
  const { keys, counts, bins, level } = laid
  const shift = rounding === 'up' ? 1 : 0
  const positive: Bin[] = []
  const negative: Bin[] = []
  let zeros = 0
  for (let i = 0; i < bins; i++) {
    const key = keys[i]!
    if (key === zeroKey) zeros = counts[i]!
    else (key > zeroKey ? positive : negative).push([indexOfKey(key) + shift, counts[i]!])
  }
  return Buffer.concat([
    bytesField(
      fields.sketch.mapping,
      doubleField(fields.mapping.gamma, gammaOf(finestScale - level)),
      doubleField(fields.mapping.indexOffset, 0),
    ),
    bytesField(fields.sketch.positive, storeOf(positive)),
    bytesField(fields.sketch.negative, storeOf(negative.reverse())),
    doubleField(fields.sketch.zeroCount, zeros),
  ])
}

const largestSpan = 8_192

/** Index and count. */
type Bin = readonly [index: number, count: number]

/** The message Store of bins in ascending order: contiguous, unless that takes over 64 KB. DataDog's library for JavaScript passes over all else. */
function storeOf(bins: readonly Bin[]): Uint8Array {
  if (bins.length === 0) return new Uint8Array()
  const first = bins[0]![0]
  const span = bins.at(-1)![0] - first + 1
  if (span > largestSpan) {
    const entries = bins.map(([index, count]) =>
      bytesField(
        fields.store.binCounts,
        varintField(fields.entry.key, zigzag(index)),
        doubleField(fields.entry.value, count),
      ),
    )
    return Buffer.concat(entries)
  }
  const counts: number[] = Array(span).fill(0)
  for (const [index, count] of bins) counts[index - first] = count
  return Buffer.concat([
    bytesField(fields.store.contiguousCounts, doubles(counts)),
    varintField(fields.store.contiguousOffset, zigzag(first)),
  ])
}

/**
 * The byte form of a sketch of the protobuf message DDSketch. When its γ is a base of OpenTelemetry's, 2^(2^-scale), bins
 * are taken as they are; else all of a bin are taken to be at its representative value, and its error adds to ours. The
 * message has neither sum nor min and max: they follow from the bins. Throws RangeError for malformed messages, for
 * interpolated mappings, and for counts that are not whole.
 */
export function fromDDSketch(message: Uint8Array, rounding: IndexRounding = 'down'): Uint8Array {
  let mapping: Mapping | undefined
  let positive: Bin[] = []
  let negative: Bin[] = []
  let zeros = 0
  readFields(message, (field, value) => {
    if (field === fields.sketch.mapping) mapping = readMapping(bytesOf(value))
    else if (field === fields.sketch.positive) positive = readStore(bytesOf(value))
    else if (field === fields.sketch.negative) negative = readStore(bytesOf(value))
    else if (field === fields.sketch.zeroCount) zeros = countOf(value)
  })
  if (!mapping) throw malformed('it has no mapping')
  const bucketOf = buckets(mapping, rounding)
  laid.clear()
  laid.exact = false
  const lay = (bin: Bin, keyOfBucket: (index: number) => number) => {
    const { index, level } = bucketOf(bin[0])
    const key = keyOfBucket(index)
    if (!keyExists(key, level)) throw malformed(`bin ${bin[0]} lies beyond all doubles`)
    laid.layBin(key, level, bin[1])
  }
  for (const bin of negative.reverse()) lay(bin, negativeKey)
  if (zeros > 0) laid.layBin(zeroKey, 0, zeros)
  for (const bin of positive) lay(bin, positiveKey)
  if (laid.bins === 0) laid.clear()
  laid.layTotals(null, null, null)
  return writeContents(laid)
}

interface Mapping {
  readonly gamma: number
  readonly indexOffset: number
}

/** Our bucket of a bin's index: its index, and the level of its scale. */
function buckets({ gamma, indexOffset }: Mapping, rounding: IndexRounding) {
  const shift = indexOffset + (rounding === 'up' ? 1 : 0)
  const scale = Math.round(-Math.log2(Math.log2(gamma)))
  const isOurs = scale >= coarsestScale && scale <= 20 && Math.abs(gamma / gammaOf(scale) - 1) < 1e-12
  if (isOurs && Number.isInteger(shift)) {
    const level = Math.max(0, finestScale - scale)
    const finer = 2 ** Math.max(0, scale - finestScale)
    return (index: number) => ({ index: Math.floor((index - shift) / finer), level })
  }
  const logGamma = Math.log(gamma)
  const middle = Math.log((2 * gamma) / (1 + gamma))
  return (index: number) => {
    const value = Math.exp((index - shift) * logGamma + middle)
    if (!(value > 0 && value <= Number.MAX_VALUE)) throw malformed(`bin ${index} lies beyond all doubles`)
    return { index: indexOfKey(keyOf(value, 0)), level: 0 }
  }
}

const gammaOf = (scale: number) => 2 ** (2 ** -scale)

function readMapping(message: Uint8Array): Mapping {
  let gamma = 0
  let indexOffset = 0
  readFields(message, (field, value) => {
    if (field === fields.mapping.gamma) gamma = numberOf(value)
    else if (field === fields.mapping.indexOffset) indexOffset = numberOf(value)
    else if (field === fields.mapping.interpolation && value !== 0)
      throw malformed('its mapping is interpolated; only the logarithmic one is understood')
  })
  if (!(gamma > 1 && Number.isFinite(gamma) && Number.isFinite(indexOffset)))
    throw malformed('its mapping has no base above 1')
  return { gamma, indexOffset }
}

/** In ascending order. A bin that is there both ways has the sum of both counts. */
function readStore(message: Uint8Array): Bin[] {
  const counts = new Map<number, number>()
  const contiguous: number[] = []
  let offset = 0
  const add = (index: number, count: number) => {
    if (!(Math.abs(index) <= 2 ** 31)) throw malformed('an index has more than 32 bits')
    if (count > 0) counts.set(index, Math.min(maxCount, count + (counts.get(index) ?? 0)))
  }
  readFields(message, (field, value) => {
    if (field === fields.store.binCounts) {
      let key = 0
      let count = 0
      readFields(bytesOf(value), (part, content) => {
        if (part === fields.entry.key) key = zigzagDecode(numberOf(content))
        else if (part === fields.entry.value) count = countOf(content)
      })
      add(key, count)
    } else if (field === fields.store.contiguousCounts) {
      // Packed, or one by one.
      if (typeof value === 'number') contiguous.push(countOf(value))
      else for (const count of readDoubles(value)) contiguous.push(countOf(count))
    } else if (field === fields.store.contiguousOffset) {
      offset = zigzagDecode(numberOf(value))
    }
  })
  for (const [i, count] of contiguous.entries()) add(offset + i, count)
  return [...counts].sort(([a], [b]) => a - b)
}

function readDoubles(bytes: Uint8Array): number[] {
  if (bytes.length % 8 !== 0) throw malformed('packed counts are cut off')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true))
}

function bytesOf(value: FieldValue): Uint8Array {
  if (typeof value === 'number') throw malformed('a number is where a message should be')
  return value
}

function numberOf(value: FieldValue): number {
  if (typeof value !== 'number') throw malformed('a message is where a number should be')
  return value
}

function countOf(value: FieldValue): number {
  const count = numberOf(value)
  if (!(count >= 0 && Number.isSafeInteger(count))) throw malformed(`${count} is no number of samples`)
  return count
}

const malformed = (what: string) => new RangeError(`malformed DDSketch: ${what}`)
