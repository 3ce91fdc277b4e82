import {
  capacityOf,
  countDouble,
  entriesOf,
  levelOf,
  linesFor,
  maxDouble,
  metaWord,
  minDouble,
  readEntries,
  roomIn,
  sumDouble,
  widthFor,
  widthOf,
  writeEntries,
} from './block.ts'
import { addSample, addToBin, useRoom } from './block-add.ts'
import { keyOf } from './buckets.ts'
import { Contents, mergeContents } from './contents.ts'
import { exactSamples, maxCount, maxGroups } from './limits.ts'
import { countAtMost, quantiles } from './quantiles.ts'
import { readContents, writeContents } from './sketch-bytes.ts'
import { lineWords, Slab } from './slab.ts'
import { addExactly, addUnits } from './sum.ts'
import { fromUnits, toUnits, type Units } from './units.ts'

// Laid open for the length of one call.
const mine = new Contents()
const theirs = new Contents()
const merged = new Contents()
const one = new Float64Array(1)

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
    const copy = this.#slab.copy(handle)
    const units = this.#units.get(handle)
    if (units !== undefined) this.#units.set(copy, units)
    return copy
  }

  /** Throws RangeError when the sample is not finite. */
  add(handle: number, value: number): void {
    if (!(Math.abs(value) <= Number.MAX_VALUE)) throw notFinite(value)
    // Makes 0 of -0.
    const sample = value + 0
    const address = this.#slab.addresses[handle]!
    const arena = this.#slab.arenas[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const meta = arena.words[at + metaWord]!
    const head = at >> 1
    if (
      widthOf(meta) > 0 ? addToBin(arena, at, keyOf(sample, levelOf(meta)), 1) : addSample(arena, at, sample)
    ) {
      const { doubles } = arena
      doubles[head + countDouble] = Math.min(maxCount, doubles[head + countDouble]! + 1)
      if (sample < doubles[head + minDouble]!) doubles[head + minDouble] = sample
      if (sample > doubles[head + maxDouble]!) doubles[head + maxDouble] = sample
      this.#addToSum(handle, doubles, head, sample)
    } else if (this.#grow(handle, meta)) this.add(handle, sample)
    else this.#addByRewriting(handle, sample, 1)
  }

  /** Adds a sample `weight` times. Throws RangeError when the sample is not finite or the weight no whole number from 1 to `maxCount`. */
  addWeighted(handle: number, value: number, weight: number): void {
    if (!(Math.abs(value) <= Number.MAX_VALUE)) throw notFinite(value)
    if (!(weight >= 1 && weight <= maxCount && Number.isInteger(weight)))
      throw new RangeError(`a sample's weight is a whole number from 1 to ${maxCount}, not ${weight}`)
    if (weight === 1) this.add(handle, value)
    else this.#addByRewriting(handle, value + 0, weight)
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
    if (this.count(into) === 0) {
      this.#write(into, from)
    } else if (this.#addBins(into, from)) {
      this.#addTotals(into, from)
    } else {
      this.#read(into, mine)
      mergeContents(mine, from, merged)
      this.#write(into, merged)
    }
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

  #meta(handle: number): number {
    const address = this.#slab.addresses[handle]!
    return this.#slab.arenas[address >>> 16]!.words[(address & 0xffff) * lineWords + metaWord]!
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

  /** Gives a full block more room. Returns false when it is not full, or when it may not have more. */
  #grow(handle: number, meta: number): boolean {
    const entries = entriesOf(meta)
    const width = widthOf(meta)
    if (entries < capacityOf(meta) || entries === (width === 0 ? exactSamples : maxGroups)) return false
    const lines = linesFor(entries + 1, width)
    this.#slab.resize(handle, lines)
    const address = this.#slab.addresses[handle]!
    useRoom(this.#slab.arenas[address >>> 16]!, (address & 0xffff) * lineWords, roomIn(lines, width))
    return true
  }

  #addByRewriting(handle: number, sample: number, weight: number): void {
    this.#read(handle, mine)
    mine.add(sample, weight)
    this.#write(handle, mine)
  }

  /**
   * Adds to a sketch that has bins, no finer ones, without reading and writing all of it: most bins are there already.
   * Returns false when some are left in `from` that must be added that way.
   */
  #addBins(into: number, from: Contents): boolean {
    const level = levelOf(this.#meta(into))
    if (widthOf(this.#meta(into)) === 0 || from.level > level) return false
    from.toBins()
    from.coarsen(level)
    const { keys, counts, bins } = from
    let left = 0
    for (let i = 0; i < bins; i++) {
      if (this.#addToBin(into, keys[i]!, counts[i]!)) continue
      keys[left] = keys[i]!
      counts[left++] = counts[i]!
    }
    from.bins = left
    return left === 0
  }

  #addToBin(handle: number, key: number, count: number): boolean {
    const address = this.#slab.addresses[handle]!
    if (addToBin(this.#slab.arenas[address >>> 16]!, (address & 0xffff) * lineWords, key, count)) return true
    return this.#grow(handle, this.#meta(handle)) && this.#addToBin(handle, key, count)
  }

  #addTotals(handle: number, from: Contents): void {
    const address = this.#slab.addresses[handle]!
    const { doubles } = this.#slab.arenas[address >>> 16]!
    const head = (address & 0xffff) * (lineWords / 2)
    doubles[head + countDouble] = Math.min(maxCount, doubles[head + countDouble]! + from.count)
    doubles[head + minDouble] = Math.min(from.min, doubles[head + minDouble]!)
    doubles[head + maxDouble] = Math.max(from.max, doubles[head + maxDouble]!)
    if (from.units !== undefined) this.#addUnits(handle, doubles, head, from.units)
    else for (const part of from.sum) this.#addToSum(handle, doubles, head, part)
  }

  #addToSum(handle: number, doubles: Float64Array, head: number, value: number): void {
    if (!addExactly(doubles, head + sumDouble, value)) this.#addUnits(handle, doubles, head, toUnits(value))
  }

  #addUnits(handle: number, doubles: Float64Array, head: number, units: Units): void {
    this.#units.set(handle, addUnits(doubles, head + sumDouble, this.#units.get(handle), units))
  }
}

const notFinite = (value: number) => new RangeError(`a sketch takes finite numbers, not ${value}`)
