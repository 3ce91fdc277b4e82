import {
  capacityOf,
  countersAt,
  entriesOf,
  headerBytes,
  largestCount,
  levelOf,
  metaOf,
  metaWord,
  widthOf,
  withEntries,
} from './block.ts'
import { groupBits, groupMask, maxCount } from './limits.ts'
import type { Arena } from './slab.ts'

/** Puts a sample among those that a block holds, in order. Returns false, and changes nothing, when it is full. */
export function addSample({ words, doubles }: Arena, at: number, sample: number): boolean {
  const meta = words[at + metaWord]!
  const samples = entriesOf(meta)
  if (samples === capacityOf(meta)) return false
  const first = (at >> 1) + headerBytes / 8
  let place = first + samples
  for (; place > first && doubles[place - 1]! > sample; place--) doubles[place] = doubles[place - 1]!
  doubles[place] = sample
  words[at + metaWord] = withEntries(meta, samples + 1)
  return true
}

/** Adds to the bin of a key. Returns false, and changes nothing, when the block has no room for its group, or its counters are too narrow for the count. */
export function addToBin(arena: Arena, at: number, key: number, count: number): boolean {
  const meta = arena.words[at + metaWord]!
  const width = widthOf(meta)
  const place = placeOf(key >> groupBits, arena.halves, at * 2 + headerBytes / 2, entriesOf(meta))
  const counters = at * 4 + countersAt(capacityOf(meta))
  if (place >= 0) return addToCounter(arena, counters, width, (place << groupBits) + (key & groupMask), count)
  if (entriesOf(meta) === capacityOf(meta) || count > largestCount(width)) return false
  insertGroup(arena, at, ~place, key >> groupBits)
  return addToCounter(arena, counters, width, (~place << groupBits) + (key & groupMask), count)
}

/**
 * Where a group is among those whose keys begin at `first`; if it is none of them, ~ where it would be. Most groups
 * between the lowest and the highest are there, so the distance to these leaves few places to look at.
 */
function placeOf(group: number, halves: Uint16Array, first: number, groups: number): number {
  const end = first + groups
  const fromEnd = end - 1 - (halves[end - 1]! - group)
  const fromFirst = first + group - halves[first]!
  let low = fromEnd < first ? first : fromEnd > end ? end : fromEnd
  let high = fromFirst > end ? end : fromFirst
  while (low < high) {
    const middle = (low + high) >> 1
    if (halves[middle]! < group) low = middle + 1
    else high = middle
  }
  return low < end && halves[low] === group ? low - first : ~(low - first)
}

/** Makes place for a group, with counters of 0. */
function insertGroup({ halves, words }: Arena, at: number, place: number, group: number): void {
  const meta = words[at + metaWord]!
  const groups = entriesOf(meta)
  const first = at * 2 + headerBytes / 2
  for (let i = first + groups; i > first + place; i--) halves[i] = halves[i - 1]!
  halves[first + place] = group
  const groupWords = widthOf(meta) / 4
  const counters = at + countersAt(capacityOf(meta)) / 4
  const from = counters + place * groupWords
  for (let i = counters + groups * groupWords - 1; i >= from; i--) words[i + groupWords] = words[i]!
  for (let i = from; i < from + groupWords; i++) words[i] = 0
  words[at + metaWord] = withEntries(meta, groups + 1)
}

/** Adds to the counter at `slot` of those that begin at byte `counters`, unless its width is too small for the count. */
function addToCounter(
  { bytes, halves, words, doubles }: Arena,
  counters: number,
  width: number,
  slot: number,
  count: number,
): boolean {
  if (width === 4) {
    const at = counters + (slot >> 1)
    const shift = (slot & 1) << 2
    const both = bytes[at]!
    if (((both >> shift) & 0xf) + count > 0xf) return false
    bytes[at] = both + (count << shift)
  } else if (width === 8) {
    const sum = bytes[counters + slot]! + count
    if (sum > largestCount(8)) return false
    bytes[counters + slot] = sum
  } else if (width === 16) {
    const sum = halves[(counters >> 1) + slot]! + count
    if (sum > largestCount(16)) return false
    halves[(counters >> 1) + slot] = sum
  } else if (width === 32) {
    const sum = words[(counters >> 2) + slot]! + count
    if (sum > largestCount(32)) return false
    words[(counters >> 2) + slot] = sum
  } else {
    const at = (counters >> 3) + slot
    doubles[at] = Math.min(maxCount, doubles[at]! + count)
  }
  return true
}

/** Moves the counters to where they belong in a block that has grown to `capacity` samples or groups. */
export function useRoom({ words }: Arena, at: number, capacity: number): void {
  const meta = words[at + metaWord]!
  const from = at + countersAt(capacityOf(meta)) / 4
  const distance = (countersAt(capacity) - countersAt(capacityOf(meta))) / 4
  const length = (entriesOf(meta) * widthOf(meta)) / 4
  for (let i = from + length - 1; i >= from; i--) words[i + distance] = words[i]!
  words[at + metaWord] = metaOf(entriesOf(meta), capacity, levelOf(meta), widthOf(meta))
}
