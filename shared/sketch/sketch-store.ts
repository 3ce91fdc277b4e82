import { keyOf } from './buckets.ts'
import { Contents, mergeContents } from './contents.ts'
import { exactSamples, maxBins, maxCount } from './limits.ts'
import { countAtMost, quantiles } from './quantiles.ts'
import { readContents, writeContents } from './sketch-bytes.ts'
import { blockLines, lineWords, Slab } from './slab.ts'
import { addExactly, exactProducts } from './two-sum.ts'
import { fromUnits, toUnits, type Units } from './units.ts'

/**
 * A block, in words of 4 bytes; doubles stand at even ones:
 *
 *     0 count   2 sum, high   4 sum, low   6 min   8 max
 *    10 entries: how many samples or bins    11 form, level << 8, lines << 16
 *    12 the entries, ascending: samples as doubles; a narrow bin in a word, key << 13 | count;
 *       a wide bin in two, the same with the lower 13 bits of its count, and the others
 */
const headerWords = 12
const entriesWord = 10
const formWord = 11

/** The number of words of a bin, or `exact`. */
type Form = 0 | 1 | 2
const exact = 0
const narrow = 1
const wide = 2

const countBits = 13
const narrowCount = 2 ** countBits - 1

const noAddress = 0xffffffff

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
 * merged into them. When more than `maxBins` buckets are taken, all neighbours are merged (a uniform collapse, as in
 * UDDSketch, Epicoco et al. 2020), which about doubles the error. Count, sum, min and max are exact.
 *
 * Any order and grouping of adds and merges of the same samples gives the same bytes.
 */
export class SketchStore {
  readonly #slab = new Slab()
  /** Of the blocks, by handle. */
  #addresses = new Uint32Array(16)
  #handles = 0
  readonly #freed: number[] = []
  /** Sums that two doubles can't hold, which have NaN there. Such are rare: samples more than 10^15 times apart. */
  readonly #units = new Map<number, Units>()

  /** Sketches that are not freed. */
  get size(): number {
    return this.#handles - this.#freed.length
  }

  /** Memory held, in bytes, as good as all of it. */
  get bytes(): number {
    return this.#slab.bytes + this.#addresses.byteLength + this.#freed.length * 8 + this.#units.size * 200
  }

  /** An empty sketch. */
  create(): number {
    let handle = this.#freed.pop()
    if (handle === undefined) {
      handle = this.#handles++
      if (handle === this.#addresses.length) {
        const larger = new Uint32Array(handle * 2)
        larger.set(this.#addresses)
        this.#addresses = larger
      }
    }
    this.#allocate(handle, 1)
    this.#reset(handle)
    return handle
  }

  free(handle: number): void {
    this.#slab.release(this.#addresses[handle]!)
    this.#addresses[handle] = noAddress
    this.#units.delete(handle)
    this.#freed.push(handle)
  }

  /** Empties it. */
  clear(handle: number): void {
    this.#slab.release(this.#addresses[handle]!)
    this.#units.delete(handle)
    this.#allocate(handle, 1)
    this.#reset(handle)
  }

  /** A new sketch with the same content. */
  copy(handle: number): number {
    const copy = this.create()
    this.#open(handle, mine)
    this.#close(copy, mine)
    return copy
  }

  /** Throws RangeError when the sample is not finite. */
  add(handle: number, value: number): void {
    this.addWeighted(handle, value, 1)
  }

  /** Adds a sample `weight` times. Throws RangeError when the sample is not finite or the weight no integer from 1 on. */
  addWeighted(handle: number, value: number, weight: number): void {
    if (!(Math.abs(value) <= Number.MAX_VALUE))
      throw new RangeError(`a sketch takes finite numbers, not ${value}`)
    if (!(weight >= 1 && weight <= maxCount && Number.isInteger(weight)))
      throw new RangeError(`a sample's weight is a whole number from 1 to ${maxCount}, not ${weight}`)
    // Makes 0 of -0.
    const sample = value + 0
    const address = this.#addresses[handle]!
    const words = this.#slab.words[address >>> 16]!
    const doubles = this.#slab.doubles[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const head = at >> 1
    const form = words[at + formWord]! & 0xff
    const count = doubles[head]! + weight
    if (form === exact && count > exactSamples) {
      this.#leaveExact(handle)
      this.addWeighted(handle, value, weight)
      return
    }
    if (weight === 1) this.#addToSum(handle, doubles, head, sample)
    else this.#addProduct(handle, doubles, head, sample, weight)
    doubles[head] = count < maxCount ? count : maxCount
    if (sample < doubles[head + 3]!) doubles[head + 3] = sample
    if (sample > doubles[head + 4]!) doubles[head + 4] = sample
    if (form === exact) for (let i = 0; i < weight; i++) this.#insertSample(handle, sample)
    else this.#addToBin(handle, keyOf(sample, (words[at + formWord]! >> 8) & 0xff), weight)
  }

  merge(into: number, from: number): void {
    this.mergeFrom(into, this, from)
  }

  /** Adds all samples of a sketch of another store, or of this one. */
  mergeFrom(into: number, other: SketchStore, from: number): void {
    other.#open(from, theirs)
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
    this.#open(into, mine)
    mergeContents(mine, from, merged)
    this.#close(into, merged)
  }

  /** The compact form that travels in records; equal for equal samples. */
  toBytes(handle: number): Uint8Array {
    this.#open(handle, mine)
    return writeContents(mine)
  }

  count(handle: number): number {
    return this.#double(handle, 0)
  }

  /** The double nearest to the exact sum; infinite when that is beyond the largest double. 0 when empty. */
  sum(handle: number): number {
    const high = this.#double(handle, 1)
    return Number.isNaN(high) ? fromUnits(this.#units.get(handle)!) : high
  }

  /** NaN when empty. */
  min(handle: number): number {
    const min = this.#double(handle, 3)
    return min === Infinity ? Number.NaN : min
  }

  /** NaN when empty. */
  max(handle: number): number {
    const max = this.#double(handle, 4)
    return max === -Infinity ? Number.NaN : max
  }

  /** The sample of nearest rank ⌈q · count⌉, q in [0, 1], within the relative accuracy; NaN when empty. */
  quantile(handle: number, q: number): number {
    this.quantiles(handle, [q], one)
    return one[0]!
  }

  /** The same for several ascending q at once, written into `into`. */
  quantiles(handle: number, qs: readonly number[], into: Float64Array): void {
    this.#open(handle, mine)
    quantiles(mine, qs, into)
  }

  /** How many samples are at most `value`; those within the relative accuracy of it may be counted on either side. */
  countAtMost(handle: number, value: number): number {
    this.#open(handle, mine)
    return countAtMost(mine, value)
  }

  #double(handle: number, offset: number): number {
    const address = this.#addresses[handle]!
    return this.#slab.doubles[address >>> 16]![(address & 0xffff) * (lineWords / 2) + offset]!
  }

  /** Lays a sketch open. */
  #open(handle: number, contents: Contents): void {
    const address = this.#addresses[handle]!
    const words = this.#slab.words[address >>> 16]!
    const doubles = this.#slab.doubles[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const head = at >> 1
    const entries = words[at + entriesWord]!
    const form = words[at + formWord]! & 0xff
    contents.count = doubles[head]!
    contents.sum[0] = doubles[head + 1]!
    contents.sum[1] = doubles[head + 2]!
    contents.units = Number.isNaN(contents.sum[0]) ? this.#units.get(handle) : undefined
    contents.min = doubles[head + 3]!
    contents.max = doubles[head + 4]!
    contents.exact = form === exact
    contents.level = (words[at + formWord]! >> 8) & 0xff
    contents.bins = form === exact ? 0 : entries
    const first = at + headerWords
    if (form === exact) {
      const { samples } = contents
      for (let i = 0; i < entries; i++) samples[i] = doubles[(first >> 1) + i]!
    } else if (form === narrow) {
      const { keys, counts } = contents
      for (let i = 0; i < entries; i++) {
        const word = words[first + i]!
        keys[i] = word >>> countBits
        counts[i] = word & narrowCount
      }
    } else {
      const { keys, counts } = contents
      for (let i = 0; i < entries; i++) {
        const word = words[first + 2 * i]!
        keys[i] = word >>> countBits
        counts[i] = (word & narrowCount) + words[first + 2 * i + 1]! * (narrowCount + 1)
      }
    }
  }

  /** Makes what was laid open the content of a sketch. */
  #close(handle: number, contents: Contents): void {
    let form: Form = contents.exact ? exact : narrow
    if (!contents.exact)
      for (let i = 0; i < contents.bins && form === narrow; i++)
        if (contents.counts[i]! > narrowCount) form = wide
    const entries = contents.exact ? contents.count : contents.bins
    const lines = blockLines(headerWords + entries * (form === exact ? 2 : form))
    if (lines !== this.#linesOf(handle)) {
      this.#slab.release(this.#addresses[handle]!)
      this.#allocate(handle, lines)
    }
    const address = this.#addresses[handle]!
    const words = this.#slab.words[address >>> 16]!
    const doubles = this.#slab.doubles[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const head = at >> 1
    doubles[head] = contents.count
    doubles[head + 1] = contents.sum[0]!
    doubles[head + 2] = contents.sum[1]!
    doubles[head + 3] = contents.min
    doubles[head + 4] = contents.max
    if (contents.units !== undefined) this.#units.set(handle, contents.units)
    words[at + entriesWord] = entries
    words[at + formWord] = form | (contents.level << 8) | (lines << 16)
    const first = at + headerWords
    if (form === exact) {
      const { samples } = contents
      for (let i = 0; i < entries; i++) doubles[(first >> 1) + i] = samples[i]!
    } else if (form === narrow) {
      const { keys, counts } = contents
      for (let i = 0; i < entries; i++) words[first + i] = (keys[i]! << countBits) | counts[i]!
    } else {
      const { keys, counts } = contents
      for (let i = 0; i < entries; i++) {
        const upper = Math.floor(counts[i]! / (narrowCount + 1))
        words[first + 2 * i] = (keys[i]! << countBits) | (counts[i]! - upper * (narrowCount + 1))
        words[first + 2 * i + 1] = upper
      }
    }
  }

  #allocate(handle: number, lines: number): void {
    const address = this.#slab.allocate(lines)
    this.#addresses[handle] = address
    this.#slab.words[address >>> 16]![(address & 0xffff) * lineWords + formWord] = lines << 16
  }

  #reset(handle: number): void {
    const address = this.#addresses[handle]!
    const doubles = this.#slab.doubles[address >>> 16]!
    const head = (address & 0xffff) * (lineWords / 2)
    doubles.fill(0, head, head + 3)
    doubles[head + 3] = Infinity
    doubles[head + 4] = -Infinity
    this.#slab.words[address >>> 16]![2 * head + entriesWord] = 0
  }

  #linesOf(handle: number): number {
    const address = this.#addresses[handle]!
    return this.#slab.words[address >>> 16]![(address & 0xffff) * lineWords + formWord]! >>> 16
  }

  /** Moves a sketch to a block with room for so many words. */
  #grow(handle: number, wordCount: number): void {
    const from = this.#addresses[handle]!
    const lines = blockLines(wordCount)
    const held = this.#linesOf(handle) * lineWords
    this.#allocate(handle, lines)
    const to = this.#addresses[handle]!
    const source = this.#slab.words[from >>> 16]!
    const target = this.#slab.words[to >>> 16]!
    const sourceAt = (from & 0xffff) * lineWords
    const targetAt = (to & 0xffff) * lineWords
    for (let i = 0; i < held; i++) target[targetAt + i] = source[sourceAt + i]!
    target[targetAt + formWord] = (source[sourceAt + formWord]! & 0xffff) | (lines << 16)
    this.#slab.release(from)
  }

  /** Makes room for `more` words after the entries, and returns where the block is then. */
  #room(handle: number, more: number): number {
    const address = this.#addresses[handle]!
    const words = this.#slab.words[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const form = words[at + formWord]! & 0xff
    const needed = headerWords + words[at + entriesWord]! * (form === exact ? 2 : form) + more
    if (needed <= (words[at + formWord]! >>> 16) * lineWords) return address
    this.#grow(handle, needed)
    return this.#addresses[handle]!
  }

  #insertSample(handle: number, sample: number): void {
    const address = this.#room(handle, 2)
    const words = this.#slab.words[address >>> 16]!
    const doubles = this.#slab.doubles[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const first = (at + headerWords) >> 1
    let i = first + words[at + entriesWord]!++
    while (i > first && doubles[i - 1]! > sample) {
      doubles[i] = doubles[i - 1]!
      i--
    }
    doubles[i] = sample
  }

  /** From samples to bins. */
  #leaveExact(handle: number): void {
    this.#open(handle, mine)
    mine.toBins()
    this.#close(handle, mine)
  }

  #addToBin(handle: number, key: number, weight: number): void {
    const address = this.#addresses[handle]!
    const words = this.#slab.words[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const entries = words[at + entriesWord]!
    const form = words[at + formWord]! & 0xff
    const first = at + headerWords
    // The first entry whose key is at least this one.
    let low = 0
    let high = entries
    while (low < high) {
      const middle = (low + high) >> 1
      if (words[first + middle * form]! >>> countBits < key) low = middle + 1
      else high = middle
    }
    const place = first + low * form
    if (low < entries && words[place]! >>> countBits === key) {
      const counted = (words[place]! & narrowCount) + weight
      if (counted <= narrowCount) words[place] = words[place]! + weight
      else if (form === wide) {
        const count = Math.min(maxCount, counted + words[place + 1]! * (narrowCount + 1))
        const upper = Math.floor(count / (narrowCount + 1))
        words[place] = (key << countBits) | (count - upper * (narrowCount + 1))
        words[place + 1] = upper
      } else {
        this.#widen(handle)
        this.#addToBin(handle, key, weight)
      }
    } else if (form === narrow && weight > narrowCount) {
      this.#widen(handle)
      this.#addToBin(handle, key, weight)
    } else {
      this.#insertBin(handle, low, key, weight)
    }
  }

  #insertBin(handle: number, place: number, key: number, count: number): void {
    const form = this.#formOf(handle)
    const address = this.#room(handle, form)
    const words = this.#slab.words[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const first = at + headerWords
    const entries = words[at + entriesWord]!++
    const hole = first + place * form
    for (let i = first + entries * form - 1; i >= hole; i--) words[i + form] = words[i]!
    const upper = Math.floor(count / (narrowCount + 1))
    words[hole] = (key << countBits) | (count - upper * (narrowCount + 1))
    if (form === wide) words[hole + 1] = upper
    if (entries + 1 > maxBins) {
      this.#open(handle, mine)
      mine.fit()
      this.#close(handle, mine)
    }
  }

  #formOf(handle: number): number {
    const address = this.#addresses[handle]!
    return this.#slab.words[address >>> 16]![(address & 0xffff) * lineWords + formWord]! & 0xff
  }

  /** From bins of one word to bins of two. */
  #widen(handle: number): void {
    const entries = this.#slab.words
    const before = this.#addresses[handle]!
    const address = this.#room(handle, entries[before >>> 16]![(before & 0xffff) * lineWords + entriesWord]!)
    const words = this.#slab.words[address >>> 16]!
    const at = (address & 0xffff) * lineWords
    const first = at + headerWords
    for (let i = words[at + entriesWord]! - 1; i >= 0; i--) {
      words[first + 2 * i] = words[first + i]!
      words[first + 2 * i + 1] = 0
    }
    words[at + formWord] = (words[at + formWord]! & ~0xff) | wide
  }

  /** Adds exactly; what two doubles can't hold goes to whole units. */
  #addToSum(handle: number, doubles: Float64Array, head: number, value: number): void {
    if (!addExactly(doubles, head + 1, value)) this.#addUnits(handle, doubles, head, toUnits(value))
  }

  #addUnits(handle: number, doubles: Float64Array, head: number, units: Units): void {
    const held = this.#units.get(handle) ?? toUnits(doubles[head + 1]!) + toUnits(doubles[head + 2]!)
    this.#units.set(handle, held + units)
    doubles[head + 1] = Number.NaN
    doubles[head + 2] = 0
  }

  /** Adds value · weight exactly. */
  #addProduct(handle: number, doubles: Float64Array, head: number, value: number, weight: number): void {
    if (Math.abs(value) * weight < Number.MAX_VALUE) {
      exactProducts(value, weight, products)
      for (const product of products) this.#addToSum(handle, doubles, head, product)
    } else {
      this.#addUnits(handle, doubles, head, toUnits(value) * BigInt(weight))
    }
  }
}
