import { coarserKey, keyOf } from './buckets.ts'
import { exactSamples, groupBits, maxBins, maxCount, maxGroups } from './limits.ts'
import { addExactly } from './two-sum.ts'
import { toUnits, type Units } from './units.ts'

/**
 * A sketch laid open: what is read from a block or from bytes, merged, and written back. Large and reused, so none is
 * kept for a sketch.
 */
export class Contents {
  /** Whether the samples themselves are held; then there are at most `exactSamples`. Else they are counted in bins. */
  exact = true
  count = 0
  /** Infinite when empty, and so is max. */
  min = Infinity
  max = -Infinity
  /** The sum is that of these two, unless there are `units`; then the first is NaN. */
  readonly sum = new Float64Array(2)
  /** The sum, once two doubles could not hold it exactly. */
  units: Units | undefined
  /** When exact: `count` of them, ascending. */
  readonly samples = new Float64Array(exactSamples)
  /** How often neighbouring buckets have been merged, from the finest scale. */
  level = 0
  /** Of keys and counts, which stand in the order of keys. Twice as many as a sketch may have, so that two can be merged first. */
  bins = 0
  readonly keys = new Int32Array(2 * maxBins)
  readonly counts = new Float64Array(2 * maxBins)

  clear(): void {
    this.exact = true
    this.count = 0
    this.min = Infinity
    this.max = -Infinity
    this.sum.fill(0)
    this.units = undefined
    this.level = 0
    this.bins = 0
  }

  /** Adds to the sum, exactly. */
  addToSum(value: number): void {
    if (!addExactly(this.sum, 0, value)) this.#addUnits(toUnits(value))
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
    let groups = 0
    let last = -1
    for (let i = 0; i < this.bins; i++) {
      const group = this.keys[i]! >> groupBits
      if (group !== last) groups++
      last = group
    }
    return groups
  }

  /** Merges neighbouring buckets until there are no more groups than a sketch may have. */
  fit(): void {
    while (this.groups > maxGroups) this.coarsen(this.level + 1)
  }

  /** Adds to a bin anywhere. */
  addToBin(key: number, count: number): void {
    const { keys, counts } = this
    let place = this.bins
    while (place > 0 && keys[place - 1]! >= key) place--
    if (place < this.bins && keys[place] === key) {
      counts[place] = Math.min(maxCount, counts[place]! + count)
      return
    }
    keys.copyWithin(place + 1, place, this.bins)
    counts.copyWithin(place + 1, place, this.bins)
    keys[place] = key
    counts[place] = count
    this.bins++
    this.fit()
  }

  /** Takes the totals of another one: count, sum, min and max, but neither samples nor bins. */
  addTotals(other: Contents): void {
    this.count = Math.min(maxCount, this.count + other.count)
    if (other.min < this.min) this.min = other.min
    if (other.max > this.max) this.max = other.max
    if (other.units !== undefined) this.#addUnits(other.units)
    else for (const part of other.sum) this.addToSum(part)
  }

  #addUnits(units: Units): void {
    this.units = units + (this.units ?? toUnits(this.sum[0]!) + toUnits(this.sum[1]!))
    this.sum[0] = Number.NaN
    this.sum[1] = 0
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

function mergeBins(a: Contents, b: Contents, merged: Contents): void {
  a.coarsen(b.level)
  b.coarsen(a.level)
  merged.exact = false
  merged.level = a.level
  const { keys, counts } = merged
  let i = 0
  let j = 0
  let bins = 0
  while (i < a.bins || j < b.bins) {
    const left = i < a.bins ? a.keys[i]! : noKey
    const right = j < b.bins ? b.keys[j]! : noKey
    keys[bins] = left < right ? left : right
    const count = (left <= right ? a.counts[i++]! : 0) + (right <= left ? b.counts[j++]! : 0)
    counts[bins++] = count < maxCount ? count : maxCount
  }
  merged.bins = bins
  merged.fit()
}

/** Above all keys. */
const noKey = 2 ** 30
