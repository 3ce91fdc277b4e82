import { type Contents, differs } from './contents.ts'
import { exactSamples, groupBits, groupMask, maxGroups } from './limits.ts'
import { type Arena, blockLines, lineBytes } from './slab.ts'

/**
 * A block of a sketch, from `at` on, in words of 4 bytes:
 *
 *      0  the slab's
 *      1  meta: entries, capacity << 10, level << 20, width << 25
 *      2  count, sum (high part), sum (low part), min, max: doubles
 *     12  of width 0: the samples, ascending, doubles; entries is their number
 *         of width 4, 8, 16, 32 or 64: groups of 8 neighbouring buckets, in the order of values; entries is the number of
 *         groups and capacity of how many there is room. First their keys (a bucket's without its last 3 bits, in
 *         2 bytes), then, at a multiple of 8 bytes, their counters, 8 each of `width` bits, so `width` bytes together.
 *         Of two counters in a byte the first is the lower half
 */
export const headerBytes = 48
export const metaWord = 1
export const [countDouble, sumDouble, minDouble, maxDouble] = [1, 2, 4, 5] as const

export const entriesOf = (meta: number): number => meta & 0x3ff
export const capacityOf = (meta: number): number => (meta >>> 10) & 0x3ff
export const levelOf = (meta: number): number => (meta >>> 20) & 0x1f
export const widthOf = (meta: number): number => meta >>> 25

export const metaOf = (entries: number, capacity: number, level: number, width: number): number =>
  entries | (capacity << 10) | (level << 20) | (width << 25)

export const withEntries = (meta: number, entries: number): number => (meta & ~0x3ff) | entries

/** The largest count in so many bits. */
export const largestCount = (width: number): number =>
  width === 64 ? Number.MAX_SAFE_INTEGER : 2 ** width - 1

const bytesPerGroup = (width: number) => 2 + width

/** Up to so many bytes go between keys and counters. */
const padding = 6

/** The size of a block for so many samples, when width is 0, or groups. */
export function linesFor(entries: number, width: number): number {
  return blockLines(headerBytes + (width === 0 ? entries * 8 : entries * bytesPerGroup(width) + padding))
}

/** Of how many samples or groups a block has room. */
export function roomIn(lines: number, width: number): number {
  const bytes = lines * lineBytes - headerBytes
  return width === 0
    ? Math.min(exactSamples, bytes / 8)
    : Math.min(maxGroups, Math.floor((bytes - padding) / bytesPerGroup(width)))
}

/** Where the counters begin, in bytes from the block's beginning. */
export const countersAt = (capacity: number): number => headerBytes + ((2 * capacity + 7) & ~7)

/** Reads the samples or bins of the block that begins at word `at`. */
export function readEntries({ bytes, halves, words, doubles }: Arena, at: number, contents: Contents): void {
  const meta = words[at + metaWord]!
  const entries = entriesOf(meta)
  const width = widthOf(meta)
  contents.exact = width === 0
  contents.level = levelOf(meta)
  contents.bins = 0
  const first = at * 4 + headerBytes
  if (width === 0) {
    for (let i = 0; i < entries; i++) contents.samples[i] = doubles[(first >> 3) + i]!
    return
  }
  const start = at * 4 + countersAt(capacityOf(meta))
  if (width === 4) readHalfBytes(halves, first >> 1, entries, bytes, start, contents)
  else if (width === 8) readBytes(halves, first >> 1, entries, bytes, start, contents)
  else {
    const counters = width === 16 ? halves : width === 32 ? words : doubles
    readWideBins(halves, first >> 1, entries, counters, (start * 8) / width, contents)
  }
}

/** As readBytes, with two counters in a byte. */
function readHalfBytes(
  groupKeys: Uint16Array,
  first: number,
  groups: number,
  counters: Uint8Array,
  start: number,
  contents: Contents,
): void {
  const { keys, counts } = contents
  let bins = 0
  let at = start
  for (let group = 0; group < groups; group++) {
    const key = groupKeys[first + group]! << groupBits
    for (let i = 0; i <= groupMask; i += 2) {
      const both = counters[at++]!
      const low = both & 0xf
      keys[bins] = key + i
      counts[bins] = low
      bins += (low + 0xf) >> 4
      const high = both >> 4
      keys[bins] = key + i + 1
      counts[bins] = high
      bins += (high + 0xf) >> 4
    }
  }
  contents.bins = bins
}

/** Writes each counter and lets the next one overwrite it if it is 0: a third of the time that wrong guesses at a branch cost. */
function readBytes(
  groupKeys: Uint16Array,
  first: number,
  groups: number,
  counters: Uint8Array,
  start: number,
  contents: Contents,
): void {
  const { keys, counts } = contents
  let bins = 0
  for (let group = 0; group < groups; group++) {
    const key = groupKeys[first + group]! << groupBits
    const counter = start + (group << groupBits)
    for (let i = 0; i <= groupMask; i++) {
      const count = counters[counter + i]!
      keys[bins] = key + i
      counts[bins] = count
      bins += (count + 0xff) >> 8
    }
  }
  contents.bins = bins
}

function readWideBins(
  groupKeys: Uint16Array,
  first: number,
  groups: number,
  counters: Uint16Array | Uint32Array | Float64Array,
  start: number,
  contents: Contents,
): void {
  contents.bins = 0
  for (let group = 0; group < groups; group++) {
    const key = groupKeys[first + group]! << groupBits
    const counter = start + (group << groupBits)
    for (let i = 0; i <= groupMask; i++)
      if (counters[counter + i]! > 0) contents.appendBin(key + i, counters[counter + i]!)
  }
}

/** Writes samples or bins into a block of so many lines that has room for them; `width` as `widthFor` says. */
export function writeEntries(
  arena: Arena,
  at: number,
  lines: number,
  contents: Contents,
  width: number,
): void {
  const { bytes, halves, words, doubles } = arena
  const capacity = roomIn(lines, width)
  const first = at * 4 + headerBytes
  if (width === 0) {
    for (let i = 0; i < contents.count; i++) doubles[(first >> 3) + i] = contents.samples[i]!
    words[at + metaWord] = metaOf(contents.count, capacity, 0, 0)
    return
  }
  const start = at * 4 + countersAt(capacity)
  bytes.fill(0, start, at * 4 + lines * lineBytes)
  const counters = width <= 8 ? bytes : width === 16 ? halves : width === 32 ? words : doubles
  const isHalved = width === 4 ? 1 : 0
  const groups = writeBins(halves, first >> 1, counters, (start * 8) / Math.max(8, width), isHalved, contents)
  words[at + metaWord] = metaOf(groups, capacity, contents.level, width)
}

/** Returns the number of groups. All counters are 0 so far; with `isHalved` 1 two of them are in each of the array's. */
function writeBins(
  groupKeys: Uint16Array,
  first: number,
  counters: Uint8Array | Uint16Array | Uint32Array | Float64Array,
  start: number,
  isHalved: 0 | 1,
  contents: Contents,
): number {
  const { keys, counts, bins } = contents
  let group = 0
  let last = keys[0]! >> groupBits
  for (let i = 0; i < bins; i++) {
    const key = keys[i]!
    group += differs(key >> groupBits, last)
    last = key >> groupBits
    groupKeys[first + group] = last
    const slot = (group << groupBits) + (key & groupMask)
    // Sixteen times the count is the count in the upper half.
    counters[start + (slot >> isHalved)]! += counts[i]! * (1 + 15 * (slot & isHalved))
  }
  return group + 1
}

/** The number of bits that a counter needs; 0 for samples. */
export function widthFor({ exact, counts, bins }: Contents): number {
  if (exact) return 0
  let largest = 0
  for (let i = 0; i < bins; i++) largest = Math.max(largest, counts[i]!)
  for (let width = 4; width < 64; width *= 2) if (largest <= largestCount(width)) return width
  return 64
}
