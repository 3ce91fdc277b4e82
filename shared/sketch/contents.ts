import { coarserKey, keyOf, keyValue } from './buckets.ts'
import { exactSamples, groupBits, maxBins, maxCount, maxGroups } from './limits.ts'
import { addUnits, addWeighted } from './sum.ts'
import type { Units } from './units.ts'

/**
 * A sketch laid open: what is read from a block or from bytes, merged, and written back. Large and reused, so none is
 * kept for a sketch.
 */
export class Contents {
  count = 0
  /** Infinite when empty, and so is max. */
  min = Infinity
  max = -Infinity
  /** As sum.ts says. */
  readonly sum = new Float64Array(2)
  units: Units | undefined
  /** Whether the samples themselves are held; then there are at most `exactSamples`. Else they are counted in bins. */
  exact = true
  /** When exact: `count` of them, ascending. */
  readonly samples = new Float64Array(exactSamples)
  /** How often neighbouring buckets have been merged, from the finest scale on. */
  level = 0
  /** The number of bins. They stand in the order of their keys, and none is empty. */
  bins = 0
  /** There is room for twice as many as a sketch may have, so that two can be merged first. */
  readonly keys = new Int32Array(2 * maxBins)
  readonly counts = new Float64Array(2 * maxBins)

  clear(): void {
    this.count = 0
    this.min = Infinity
    this.max = -Infinity
    this.sum.fill(0)
    this.units = undefined
    this.exact = true
    this.level = 0
    this.bins = 0
  }

  /** Adds a finite number, `weight` times. */
  add(value: number, weight: number): void {
    const count = Math.min(maxCount, this.count + weight)
    if (this.exact && count <= exactSamples) {
      this.samples.fill(value, this.count, count)
      this.samples.subarray(0, count).sort()
    } else {
      this.toBins()
      this.#addToBin(keyOf(value, this.level), weight)
      this.fit()
    }
    this.count = count
    this.addToSum(value, weight)
    if (value < this.min) this.min = value
    if (value > this.max) this.max = value
  }

  /** Adds value · weight to the sum, exactly. */
  addToSum(value: number, weight: number): void {
    this.units = addWeighted(this.sum, 0, this.units, value, weight)
  }

  /** Takes the totals of another one: count, sum, min and max, but neither samples nor bins. */
  addTotals(other: Contents): void {
    this.count = Math.min(maxCount, this.count + other.count)
    if (other.min < this.min) this.min = other.min
    if (other.max > this.max) this.max = other.max
    if (other.units !== undefined) this.units = addUnits(this.sum, 0, this.units, other.units)
    else for (const part of other.sum) this.addToSum(part, 1)
  }

  /** Counts the samples in bins, if they are not. */
  toBins(): void {
    if (!this.exact) return
    this.exact = false
    this.level = 0
    this.bins = 0
    for (let i = 0; i < this.count; i++) this.appendBin(keyOf(this.samples[i]!, 0), 1)
  }

  /** Adds a bin that lies above all others, or adds to the last one. */
  appendBin(key: number, count: number): void {
    const last = this.bins - 1
    if (last >= 0 && this.keys[last] === key) {
      this.counts[last] = Math.min(maxCount, this.counts[last]! + count)
    } else {
      this.keys[this.bins] = key
      this.counts[this.bins++] = count
    }
  }

  /** Appends a bin of a level that may differ from that of the bins before, and keeps within what a sketch may have. */
  layBin(key: number, level: number, count: number): void {
    if (this.bins === this.keys.length) this.fit()
    this.coarsen(level)
    this.appendBin(coarserKey(key, this.level - level), count)
  }

  /** Completes bins that were laid. Sum, min and max that are not known follow from the bins. */
  layTotals(sum: number | null, min: number | null, max: number | null): void {
    this.fit()
    const { keys, counts, bins, level } = this
    if (bins === 0) return
    this.min = (min ?? keyValue(keys[0]!, level)) + 0
    this.max = (max ?? Math.max(this.min, keyValue(keys[bins - 1]!, level))) + 0
    this.min = Math.min(this.min, this.max)
    if (sum !== null) this.addToSum(sum, 1)
    for (let i = 0; i < bins; i++) {
      this.count = Math.min(maxCount, this.count + counts[i]!)
      if (sum === null) this.addToSum(keyValue(keys[i]!, level), counts[i]!)
    }
  }

  #addToBin(key: number, count: number): void {
    const { keys, counts, bins } = this
    let place = bins
    while (place > 0 && keys[place - 1]! >= key) place--
    if (place === bins || keys[place] !== key) {
      keys.copyWithin(place + 1, place, bins)
      counts.copyWithin(place + 1, place, bins)
      keys[place] = key
      counts[place] = 0
      this.bins++
    }
    counts[place] = Math.min(maxCount, counts[place]! + count)
  }

  /** Merges neighbouring buckets until the level is reached. */
  coarsen(level: number): void {
    const levels = level - this.level
    if (levels <= 0) return
    const { keys, counts, bins } = this
    this.level = level
    this.bins = 0
    for (let i = 0; i < bins; i++) this.appendBin(coarserKey(keys[i]!, levels), counts[i]!)
  }

  /** The number of groups that the bins are in. */
  get groups(): number {
    const { keys, bins } = this
    let groups = 0
    let last = -1
    for (let i = 0; i < bins; i++) {
      const group = keys[i]! >> groupBits
      groups += differs(group, last)
      last = group
    }
    return groups
  }

  /** Merges neighbouring buckets until there are no more groups than a sketch may have. */
  fit(): void {
    while (this.bins > maxGroups && this.groups > maxGroups) this.coarsen(this.level + 1)
  }
}

/** Makes `merged`, which is neither, of all that is in both; these are consumed. */
export function mergeContents(a: Contents, b: Contents, merged: Contents): void {
  merged.clear()
  merged.addTotals(a)
  merged.addTotals(b)
  if (a.exact && b.exact && merged.count <= exactSamples) {
    mergeSamples(a, b, merged)
  } else {
    a.toBins()
    b.toBins()
    mergeBins(a, b, merged)
  }
}

function mergeSamples(a: Contents, b: Contents, merged: Contents): void {
  let i = 0
  let j = 0
  while (i < a.count || j < b.count) {
    const fromA = j === b.count || (i < a.count && a.samples[i]! <= b.samples[j]!)
    merged.samples[i + j] = fromA ? a.samples[i]! : b.samples[j]!
    if (fromA) i++
    else j++
  }
}

/** 1 when two group keys differ, else 0; without a branch, which would be guessed wrong often. */
export const differs = (a: number, b: number): number => (((a ^ b) & 0xffff) + 0xffff) >> 16

/** Above all keys. */
const noKey = 2 ** 30

function mergeBins(a: Contents, b: Contents, merged: Contents): void {
  a.coarsen(b.level)
  b.coarsen(a.level)
  merged.exact = false
  merged.level = a.level
  const end = a.bins + b.bins
  a.keys[a.bins] = noKey
  b.keys[b.bins] = noKey
  let i = 0
  let j = 0
  let bins = 0
  // Without branches, which would be guessed wrong half of the time.
  while (i + j < end) {
    const left = a.keys[i]!
    const right = b.keys[j]!
    const takesLeft = (left - right - 1) >>> 31
    const takesRight = (right - left - 1) >>> 31
    const count = takesLeft * a.counts[i]! + takesRight * b.counts[j]!
    merged.keys[bins] = takesLeft * left + (1 - takesLeft) * right
    merged.counts[bins++] = Math.min(count, maxCount)
    i += takesLeft
    j += takesRight
  }
  merged.bins = bins
  merged.fit()
}
