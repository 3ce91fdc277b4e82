import {
  capacityOf,
  countDouble,
  countersAt,
  entriesOf,
  headerBytes,
  largestCount,
  levelOf,
  linesFor,
  maxDouble,
  metaOf,
  metaWord,
  minDouble,
  readEntries,
  roomIn,
  sumDouble,
  widthFor,
  widthOf,
  writeEntries,
} from './block.ts'
import { keyOf } from './buckets.ts'
import { Contents, mergeContents } from './contents.ts'
import { exactSamples, groupBits, maxCount } from './limits.ts'
import { countAtMost, quantiles } from './quantiles.ts'
import { readContents, writeContents } from './sketch-bytes.ts'
import { type Arena, lineWords, Slab } from './slab.ts'
import { addExactly, exactProducts } from './two-sum.ts'
import { fromUnits, toUnits, type Units } from './units.ts'

// Laid open for the length of one call.
const mine = new Contents()
const theirs = new Contents()
const merged = new Contents()
const one = new Float64Array(1)
const products = new Float64Array(4)

/**
 * Quantile sketches by the million, in little memory: a sketch is a number, its handle, and all of them lie in a few
 * large arrays. Handles of freed sketches are given out again; using one after freeing it is a bug.
 *
 * A sketch counts samples in logarithmic buckets, those of OpenTelemetry's exponential histograms at scale 6, so any
 * quantile is within `relativeAccuracy`. Up to `exactSamples` samples are kept as they are instead, unless bins were
 * merged into them. When samples are in more than `maxGroups` groups of buckets, all neighbouring buckets are merged in
 * pairs (a uniform collapse, as in UDDSketch, Epicoco et al. 2020), which about doubles the error. Count, sum, min and
 * max are exact.
 *
 * Any order and grouping of adds and merges of the same samples gives the same bytes.
 */
export class SketchStore {
  readonly #slab = new Slab()
  /** The sums that two doubles can't hold, which have NaN there. Such are rare: of samples more than 10^15 times apart. */
  readonly #units = new Map<number, Units>()

  /** Sketches that are not freed. */
  get size(): number {
    return this.#slab.size
  }

  /** Memory held, in bytes. */
  get bytes(): number {
    return this.#slab.bytes + this.#units.size * 200
  }

  /** An empty sketch. */
  create(): number {
    const handle = this.#slab.create(linesFor(0, 0))
    mine.clear()
    this.#write(handle, mine)
    return handle
  }

  free(handle: number): void {
    this.#slab.free(handle)
    this.#units.delete(handle)
  }

  /** Empties it. */
  clear(handle: number): void {
    this.#units.delete(handle)
    mine.clear()
    this.#write(handle, mine)
  }

  /** A new sketch with the same content. */
  copy(handle: number): number {
    const copy = this.#slab.create(this.#slab.linesOf(handle))
    this.#read(handle, mine)
    this.#write(copy, mine)
    return copy
  }

  /** Throws RangeError when the sample is not finite. */
  add(handle: number, value: number): void {
    this.addWeighted(handle, value, 1)
  }

  /** Adds a sample `weight` times. Throws RangeError when the sample is not finite or the weight no whole number from 1 to `maxCount`. */
  addWeighted(handle: number, value: number, weight: number): void {
    if (!(Math.abs(value) <= Number.MAX_VALUE))
      throw new RangeError(`a sketch takes finite numbers, not ${value}`)
    if (!(weight >= 1 && weight <= maxCount && Number.isInteger(weight)))
      throw new RangeError(`a sample's weight is a whole number from 1 to ${maxCount}, not ${weight}`)
    // Makes 0 of -0.
    const sample = value + 0
    const address = this.#slab.addresses[handle]!
    const arena = this.#slab.arenas[address >>> 16]!
    const { words, doubles } = arena
    const at = (address & 0xffff) * lineWords
    const head = at >> 1
    const meta = words[at + metaWord]!
    const count = doubles[head + countDouble]! + weight
    if (widthOf(meta) === 0 && count > exactSamples) {
      this.#leaveExact(handle)
      this.addWeighted(handle, value, weight)
      return
    }
    if (weight === 1) this.#addToSum(handle, doubles, head + sumDouble, sample)
    else this.#addProduct(handle, doubles, head + sumDouble, sample, weight)
    doubles[head + countDouble] = count < maxCount ? count : maxCount
    if (sample < doubles[head + minDouble]!) doubles[head + minDouble] = sample
    if (sample > doubles[head + maxDouble]!) doubles[head + maxDouble] = sample
    if (widthOf(meta) === 0) for (let i = 0; i < weight; i++) this.#insertSample(handle, sample)
    else this.#addToBin(handle, keyOf(sample, levelOf(meta)), weight)
  }

  merge(into: number, from: number): void {
    this.mergeFrom(into, this, from)
  }

  /** Adds all samples of a sketch of another store, or of this one. */
  mergeFrom(into: number, other: SketchStore, from: number): void {
    other.#read(from, theirs)
    this.mergeContents(into, theirs)
  }

  /** Adds all samples of a sketch in its byte form. Throws RangeError when the bytes are malformed, and adds nothing then. */
  mergeBytes(into: number, bytes: Uint8Array): void {
    readContents(bytes, theirs)
    this.mergeContents(into, theirs)
  }

  /** Adds all that was laid open; `from` is consumed. */
  mergeContents(into: number, from: Contents): void {
    if (from.count === 0) return
    this.#read(into, mine)
    mergeContents(mine, from, merged)
    this.#write(into, merged)
  }

  /** The compact form that travels in records; equal for equal samples. */
  toBytes(handle: number): Uint8Array {
    this.#read(handle, mine)
    return writeContents(mine)
  }

  count(handle: number): number {
    return this.#double(handle, countDouble)
  }

  /** The double nearest to the exact sum; infinite when that is beyond the largest double. 0 when empty. */
  sum(handle: number): number {
    const high = this.#double(handle, sumDouble)
    return Number.isNaN(high) ? fromUnits(this.#units.get(handle)!) : high
  }

  /** NaN when empty. */
  min(handle: number): number {
    const min = this.#double(handle, minDouble)
    return min === Infinity ? Number.NaN : min
  }

  /** NaN when empty. */
  max(handle: number): number {
    const max = this.#double(handle, maxDouble)
    return max === -Infinity ? Number.NaN : max
  }

  /** The sample of nearest rank ⌈q · count⌉, q in [0, 1], within the relative accuracy; NaN when empty. */
  quantile(handle: number, q: number): number {
    this.quantiles(handle, [q], one)
    return one[0]!
  }

  /** The same for several ascending q at once, written into `into`. */
  quantiles(handle: number, qs: readonly number[], into: Float64Array): void {
    this.#read(handle, mine)
    quantiles(mine, qs, into)
  }

  /** How many samples are at most `value`; those within the relative accuracy of it may be counted on either side. */
  countAtMost(handle: number, value: number): number {
    this.#read(handle, mine)
    return countAtMost(mine, value)
  }

  #double(handle: number, offset: number): number {
    const address = this.#slab.addresses[handle]!
    return this.#slab.arenas[address >>> 16]!.doubles[(address & 0xffff) * (lineWords / 2) + offset]!
  }

  #read(handle: number, contents: Contents): void {
    const address = this.#slab.addresses[handle]!
    const arena = this.#slab.arenas[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const head = at >> 1
    contents.count = arena.doubles[head + countDouble]!
    contents.sum[0] = arena.doubles[head + sumDouble]!
    contents.sum[1] = arena.doubles[head + sumDouble + 1]!
    contents.units = Number.isNaN(contents.sum[0]) ? this.#units.get(handle) : undefined
    contents.min = arena.doubles[head + minDouble]!
    contents.max = arena.doubles[head + maxDouble]!
    readEntries(arena, at, contents)
  }

  /** Makes what is laid open the content of a sketch. */
  #write(handle: number, contents: Contents): void {
    const width = widthFor(contents)
    const lines = linesFor(contents.exact ? contents.count : contents.groups, width)
    this.#slab.resize(handle, lines)
    const address = this.#slab.addresses[handle]!
    const arena = this.#slab.arenas[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const head = at >> 1
    arena.doubles[head + countDouble] = contents.count
    arena.doubles[head + sumDouble] = contents.sum[0]!
    arena.doubles[head + sumDouble + 1] = contents.sum[1]!
    arena.doubles[head + minDouble] = contents.min
    arena.doubles[head + maxDouble] = contents.max
    if (contents.units !== undefined) this.#units.set(handle, contents.units)
    writeEntries(arena, at, lines, contents, width)
  }

  #insertSample(handle: number, sample: number): void {
    const held = this.#slab.addresses[handle]!
    const meta = this.#slab.arenas[held >>> 16]!.words[(held & 0xffff) * lineWords + metaWord]!
    const entries = entriesOf(meta)
    const lines = linesFor(entries + 1, 0)
    if (entries === capacityOf(meta)) this.#slab.resize(handle, lines)
    const address = this.#slab.addresses[handle]!
    const { words, doubles } = this.#slab.arenas[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const first = (at >> 1) + headerBytes / 8
    let i = first + entries
    for (; i > first && doubles[i - 1]! > sample; i--) doubles[i] = doubles[i - 1]!
    doubles[i] = sample
    words[at + metaWord] = metaOf(entries + 1, roomIn(lines, 0), 0, 0)
  }

  #leaveExact(handle: number): void {
    this.#read(handle, mine)
    mine.toBins()
    this.#write(handle, mine)
  }

  #addToBin(handle: number, key: number, weight: number): void {
    const address = this.#slab.addresses[handle]!
    const arena = this.#slab.arenas[address >>> 16]!
    const { halves } = arena
    const at = (address & 0xffff) * lineWords
    const meta = arena.words[at + metaWord]!
    const entries = entriesOf(meta)
    const group = key >> groupBits
    const first = at * 2 + headerBytes / 2
    let low = 0
    let high = entries
    while (low < high) {
      const middle = (low + high) >> 1
      if (halves[first + middle]! < group) low = middle + 1
      else high = middle
    }
    if (low === entries || halves[first + low] !== group) {
      this.#insertGroup(handle, low, key, weight)
    } else {
      const counters = at * 4 + countersAt(capacityOf(meta))
      const slot = (low << groupBits) + (key & ((1 << groupBits) - 1))
      if (!addToCounter(arena, counters, widthOf(meta), slot, weight)) this.#addWide(handle, key, weight)
    }
  }

  /** Adds to a bin whose count needs more bytes than those of the sketch have. */
  #addWide(handle: number, key: number, weight: number): void {
    this.#read(handle, mine)
    mine.addToBin(key, weight)
    this.#write(handle, mine)
  }

  #insertGroup(handle: number, place: number, key: number, weight: number): void {
    const held = this.#slab.addresses[handle]!
    const meta = this.#slab.arenas[held >>> 16]!.words[(held & 0xffff) * lineWords + metaWord]!
    const entries = entriesOf(meta)
    const width = widthOf(meta)
    if (entries === capacityOf(meta) || weight > largestCount(width)) {
      this.#addWide(handle, key, weight)
      return
    }
    const arena = this.#slab.arenas[held >>> 16]!
    const { halves, words } = arena
    const at = (held & 0xffff) * lineWords
    const first = at * 2 + headerBytes / 2
    for (let i = first + entries; i > first + place; i--) halves[i] = halves[i - 1]!
    halves[first + place] = key >> groupBits
    const counters = at * 4 + countersAt(capacityOf(meta))
    const groupWords = (width << groupBits) / 4
    const from = counters / 4 + place * groupWords
    for (let i = counters / 4 + entries * groupWords - 1; i >= from; i--) words[i + groupWords] = words[i]!
    for (let i = from; i < from + groupWords; i++) words[i] = 0
    words[at + metaWord] = metaOf(entries + 1, capacityOf(meta), levelOf(meta), width)
    const slot = (place << groupBits) + (key & ((1 << groupBits) - 1))
    addToCounter(arena, counters, width, slot, weight)
  }

  /** Adds exactly; what two doubles can't hold goes to whole units. */
  #addToSum(handle: number, doubles: Float64Array, at: number, value: number): void {
    if (!addExactly(doubles, at, value)) this.#addUnits(handle, doubles, at, toUnits(value))
  }

  #addUnits(handle: number, doubles: Float64Array, at: number, units: Units): void {
    const held = this.#units.get(handle) ?? toUnits(doubles[at]!) + toUnits(doubles[at + 1]!)
    this.#units.set(handle, held + units)
    doubles[at] = Number.NaN
    doubles[at + 1] = 0
  }

  /** Adds value · weight exactly. */
  #addProduct(handle: number, doubles: Float64Array, at: number, value: number, weight: number): void {
    if (Math.abs(value) * weight < Number.MAX_VALUE) {
      exactProducts(value, weight, products)
      for (const product of products) this.#addToSum(handle, doubles, at, product)
    } else {
      this.#addUnits(handle, doubles, at, toUnits(value) * BigInt(weight))
    }
  }
}

/** Adds to the counter at `slot` of those that begin at byte `counters`. Returns false, and adds nothing, when its width is too small for the count. */
function addToCounter(arena: Arena, counters: number, width: number, slot: number, weight: number): boolean {
  if (width === 1) {
    const count = arena.bytes[counters + slot]! + weight
    if (count > 0xff) return false
    arena.bytes[counters + slot] = count
  } else if (width === 2) {
    const count = arena.halves[counters / 2 + slot]! + weight
    if (count > 0xffff) return false
    arena.halves[counters / 2 + slot] = count
  } else if (width === 4) {
    const count = arena.words[counters / 4 + slot]! + weight
    if (count > 0xffffffff) return false
    arena.words[counters / 4 + slot] = count
  } else {
    const at = counters / 8 + slot
    arena.doubles[at] = Math.min(maxCount, arena.doubles[at]! + weight)
  }
  return true
}
