import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Histogram } from '../../../shared/avro/types.ts'
import { addHistogram } from '../../../shared/sketch/histograms.ts'
import { SketchStore } from '../../../shared/sketch/sketch-store.ts'
import { subtractHistogram } from '../../../shared/sketch/subtract-histogram.ts'
import { histogramOf } from '../../support/aggregator.ts'
import { seededRandom } from '../../support/random.ts'

const empty = histogramOf({ bounds: [] })

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

function sketchOf(...histograms: readonly Histogram[]) {
  const store = new SketchStore()
  const handle = store.create()
  for (const histogram of histograms) addHistogram(store, handle, histogram)
  return {
    count: store.count(handle),
    sum: store.sum(handle),
    min: store.min(handle),
    max: store.max(handle),
    quantile: (q: number) => store.quantile(handle, q),
    countAtMost: (value: number) => store.countAtMost(handle, value),
    bytes: store.toBytes(handle),
  }
}

/** Within the accuracy of a sketch. */
const near = (wanted: number) => (value: number) => Math.abs(value / wanted - 1) < 0.006

/** As OpenTelemetry's SDKs count: bucket ⌈log_base x⌉ - 1, of each sign. */
function exponential(samples: readonly number[], scale: number): Histogram {
  const indexOf = (value: number) => Math.ceil(Math.log2(value) * 2 ** scale) - 1
  const buckets = (values: readonly number[]) => {
    const indexes = values.map(indexOf)
    const offset = Math.min(...indexes, 0)
    const counts: number[] = Array(Math.max(...indexes, 0) - offset + 1).fill(0)
    for (const index of indexes) counts[index - offset]!++
    return { offset, counts }
  }
  const positive = buckets(samples.filter((sample) => sample > 0))
  const negative = buckets(samples.filter((sample) => sample < 0).map((sample) => -sample))
  return {
    ...empty,
    form: 'exponential',
    count: samples.length,
    sum: sum(samples),
    min: Math.min(...samples),
    max: Math.max(...samples),
    scale,
    zeroCount: samples.filter((sample) => sample === 0).length,
    positiveOffset: positive.offset,
    positiveCounts: positive.counts,
    negativeOffset: negative.offset,
    negativeCounts: negative.counts,
  }
}

const sampleInRange = fc
  .double({ min: 0.001, max: 1_000, noNaN: true })
  .chain((value) => fc.constantFrom(value, -value, 0))

describe('addHistogram: exponential', () => {
  it.each([-2, 0, 3, 6, 8, 20])('counts each bucket as one of its own, at scale %i', (scale) => {
    const random = seededRandom(scale + 10)
    const samples = Array.from({ length: 500 }, () => (random() - 0.3) * 10 ** (random() * 2))
    if (scale === 20) samples.splice(3)
    const sketch = sketchOf(exponential(samples, scale))
    const base = 2 ** (2 ** -Math.min(scale, 6))
    const sorted = Float64Array.from(samples).sort()
    for (const q of [0, 0.1, 0.5, 0.9, 0.99, 1]) {
      const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
      expect(Math.abs(sketch.quantile(q) / exact - 1)).toBeLessThanOrEqual((base - 1) / (base + 1) + 1e-12)
    }
    expect([sketch.count, sketch.min, sketch.max]).toEqual([samples.length, sorted[0], sorted.at(-1)])
    expect(sketch.sum).toBe(sum(samples))
  })

  it('merges as the samples would have been merged: the same bytes, whatever was counted where', () => {
    const bytesOf = (samples: readonly number[]) => sketchOf(exponential(samples, 6)).bytes
    fc.assert(
      fc.property(
        fc.array(fc.array(sampleInRange, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.constantFrom(6, 7, 9), { minLength: 5, maxLength: 5 }),
        (parts, scales) => {
          const histograms = parts.map((samples, i) => exponential(samples, scales[i]!))
          // Sums of floating point numbers depend on their order, so they are not told.
          const silent = histograms.map((histogram) => ({ ...histogram, sum: Number.NaN }))
          const whole = { ...exponential(parts.flat(), 6), sum: Number.NaN }
          expect(sketchOf(...silent).bytes).toEqual(sketchOf(whole).bytes)
        },
      ),
      { numRuns: 50 },
    )
    expect(bytesOf([1, 2, 3])).not.toEqual(bytesOf([1, 2, 4]))
  })

  it('takes the coarser scale of two', () => {
    const samples = Array.from({ length: 200 }, (_, i) => 1.01 ** i)
    const mixed = sketchOf(exponential(samples, 6), exponential(samples, 3))
    const coarse = sketchOf(exponential(samples, 3), exponential(samples, 3))
    expect(mixed.bytes).toEqual(coarse.bytes)
  })

  it('joins with samples of any number, in any order', () => {
    const histogram = exponential([0.5, 2, -3], 6)
    const store = new SketchStore()
    const [first, second] = [store.create(), store.create()]
    addHistogram(store, first, histogram)
    for (const sample of [7, 8]) store.add(first, sample)
    for (const sample of [8, 7]) store.add(second, sample)
    addHistogram(store, second, histogram)
    expect(store.toBytes(first)).toEqual(store.toBytes(second))
    expect([store.count(first), store.min(first), store.max(first), store.sum(first)]).toEqual([
      5, -3, 8, 14.5,
    ])
  })

  it.each([
    ['a scale of none', { scale: 21 }],
    ['a fraction of a sample', { positiveCounts: [0.5] }],
    ['less than no samples', { zeroCount: -1 }],
    ['a bucket beyond all doubles', { scale: 0, positiveOffset: 1_024, positiveCounts: [1] }],
    ['a bucket below all doubles', { scale: 0, negativeOffset: -1_076, negativeCounts: [1] }],
    ['an offset of no double', { scale: 6, positiveOffset: 2 ** 31 - 1, positiveCounts: [0, 1] }],
    ['min above max', { min: 2, max: 1, positiveCounts: [1] }],
    ['samples without a value', { count: 3 }],
  ])('refuses %s and adds nothing', (_, wrong) => {
    const store = new SketchStore()
    const handle = store.create()
    store.add(handle, 1)
    const before = store.toBytes(handle)
    const histogram: Histogram = { ...empty, form: 'exponential', ...wrong }
    expect(() => addHistogram(store, handle, histogram)).toThrow(RangeError)
    expect(store.toBytes(handle)).toEqual(before)
  })
})

/** Prometheus' histogram_quantile, of counts that are not cumulative. */
function histogramQuantile(q: number, bounds: readonly number[], counts: readonly number[]): number {
  let rank = q * sum(counts)
  const bucket = counts.findIndex((count) => {
    if (rank <= count) return true
    rank -= count
    return false
  })
  if (bucket === counts.length - 1) return bounds.at(-1)!
  const lower = bucket > 0 ? bounds[bucket - 1]! : 0
  if (bucket === 0 && bounds[0]! <= 0) return bounds[0]!
  return lower + ((bounds[bucket]! - lower) * rank) / counts[bucket]!
}

describe('addHistogram: explicit', () => {
  const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
  const explicit = (counts: readonly number[], more: globalThis.Partial<Histogram> = {}): Histogram => ({
    ...empty,
    bounds,
    counts,
    count: sum(counts),
    ...more,
  })

  it("has the quantiles of Prometheus' histogram_quantile", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5_000), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
        fc.integer({ min: 1, max: 999 }),
        (counts, permille) => {
          const total = sum(counts)
          fc.pre(total > 0)
          const sketch = sketchOf(explicit(counts))
          expect(sketch.count).toBe(total)
          // At a whole rank, where the two mean the same sample.
          const q = Math.ceil((permille / 1000) * total) / total
          const wanted = histogramQuantile(q, bounds, counts)
          expect(Math.abs(sketch.quantile(q) / wanted - 1)).toBeLessThan(0.006)
        },
      ),
    )
  })

  it('keeps the count of each bucket', () => {
    const counts = [3, 0, 100, 0, 7, 0, 1_000_000, 0, 1, 0, 0, 2]
    const sketch = sketchOf(explicit(counts))
    let below = 0
    for (const [i, bound] of bounds.entries()) {
      below += counts[i]!
      // Where the next bucket is empty, none of its samples is within the accuracy.
      if (counts[i + 1] === 0) expect(sketch.countAtMost(bound * 1.006)).toBe(below)
    }
    expect(sketch.count).toBe(sum(counts))
  })

  it("takes the histogram's own sum, min and max, and spreads the outer buckets up to them", () => {
    const sketch = sketchOf(
      explicit([10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10], { sum: 1_234, min: 0.004, max: 110 }),
    )
    expect([sketch.sum, sketch.min, sketch.max]).toEqual([1_234, 0.004, 110])
    expect(sketch.quantile(0.5)).toBeCloseTo(0.005, 4)
    expect(sketch.quantile(0.75)).toSatisfy(near(60))
  })

  it('spreads buckets of both signs, and the widest there are, in bounded time', () => {
    const wide = [-1e300, -10, 10, 1e300]
    const counts = [4, 1_000_000_000, 20, 1_000_000_000, 4]
    const sketch = sketchOf({ ...empty, bounds: wide, counts, count: sum(counts) })
    expect(sketch.count).toBe(2_000_000_028)
    expect(sketch.countAtMost(-10.2)).toBeGreaterThanOrEqual(1_000_000_003)
    expect(Math.abs(sketch.quantile(0.5))).toBeLessThan(10.1)
    expect(sketch.quantile(0.25)).toSatisfy(near(-5e299))
  })

  it('puts all samples at the mean when there are no buckets', () => {
    const sketch = sketchOf({ ...empty, count: 4, sum: 10, min: 1, max: 4 })
    expect([sketch.count, sketch.min, sketch.max, sketch.sum]).toEqual([4, 1, 4, 10])
    expect(sketch.quantile(0.5)).toSatisfy(near(2.5))
  })

  it('adds nothing for a histogram without samples', () => {
    expect(sketchOf(explicit(Array(bounds.length + 1).fill(0))).bytes).toEqual(sketchOf().bytes)
  })

  it.each([
    ['bounds and buckets that do not match', { bounds: [1, 2], counts: [1, 2] }],
    ['bounds out of order', { bounds: [2, 1], counts: [1, 2, 3] }],
    ['an infinite bound', { bounds: [1, Infinity], counts: [1, 2, 3] }],
  ])('refuses %s', (_, wrong) => {
    expect(() => sketchOf({ ...empty, count: 6, ...wrong })).toThrow(RangeError)
  })
})

describe('addHistogram: summary and sketch', () => {
  const summary: Histogram = {
    ...empty,
    form: 'summary',
    count: 1_000,
    sum: 5_000,
    bounds: [0.5, 0.9, 0.99],
    values: [4, 8, 20],
  }

  it('has the quantiles that the summary tells, and its count and sum', () => {
    const sketch = sketchOf(summary)
    expect([sketch.count, sketch.sum]).toEqual([1_000, 5_000])
    expect(sketch.quantile(0.5)).toSatisfy(near(4))
    expect(sketch.quantile(0.7)).toSatisfy(near(6))
    expect(sketch.quantile(0.9)).toSatisfy(near(8))
    expect(sketch.quantile(0.99)).toSatisfy(near(20))
    expect(sketch.max).toSatisfy(near(20))
  })

  it('reaches from min to max where they are known', () => {
    const sketch = sketchOf({ ...summary, min: 1, max: 40 })
    expect([sketch.min, sketch.max]).toEqual([1, 40])
    expect(sketch.quantile(0.25)).toSatisfy(near(2.5))
  })

  it('bears quantiles without a value or out of order, and no quantiles at all', () => {
    expect(sketchOf({ ...summary, values: [Number.NaN, 8, 7] }).count).toBe(1_000)
    const bare = sketchOf({ ...summary, bounds: [], values: [] })
    expect([bare.count, bare.sum, Math.round(bare.quantile(0.99))]).toEqual([1_000, 5_000, 5])
  })

  it('preserves any count', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (count) => {
        expect(sketchOf({ ...summary, count }).count).toBe(count)
      }),
    )
  })

  it('merges a sketch', () => {
    const bytes = sketchOf(summary).bytes
    expect(sketchOf({ ...empty, form: 'sketch', sketch: bytes }).bytes).toEqual(bytes)
    expect(() => sketchOf({ ...empty, form: 'sketch', sketch: bytes.subarray(1) })).toThrow(RangeError)
  })
})

describe('subtractHistogram', () => {
  it('gives what was counted in between, for exponential histograms of any scales', () => {
    fc.assert(
      fc.property(
        fc.array(sampleInRange, { minLength: 1, maxLength: 50 }),
        fc.array(sampleInRange, { minLength: 1, maxLength: 50 }),
        fc.constantFrom(6, 5, 2),
        (before, between, laterScale) => {
          const increase = subtractHistogram(
            exponential([...before, ...between], laterScale),
            exponential(before, 6),
          )!
          const wanted = exponential(between, laterScale)
          const silent = { sum: Number.NaN, min: null, max: null }
          expect(sketchOf({ ...increase, ...silent }).bytes).toEqual(sketchOf({ ...wanted, ...silent }).bytes)
          expect(increase.count).toBe(between.length)
          expect(increase.sum).toBeCloseTo(sum(between), 6)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('gives the difference of each bucket of explicit ones', () => {
    const earlier = { ...empty, bounds: [1, 2], counts: [1, 2, 3], count: 6, sum: 9, min: 0.5, max: 3 }
    const later = { ...earlier, counts: [2, 2, 5], count: 9, sum: 20, max: 4, time: 1 }
    expect(subtractHistogram(later, earlier)).toEqual({
      ...later,
      counts: [1, 0, 2],
      count: 3,
      sum: 11,
      min: null,
      max: 4,
    })
  })

  it('gives the later quantiles of a summary', () => {
    const earlier: Histogram = { ...empty, form: 'summary', count: 5, sum: 10, bounds: [0.5], values: [2] }
    expect(subtractHistogram({ ...earlier, count: 7, sum: 20, values: [5] }, earlier)).toEqual({
      ...earlier,
      count: 2,
      sum: 10,
      values: [5],
    })
  })

  it.each<[string, globalThis.Partial<Histogram>]>([
    ['the count went down', { count: 5 }],
    ['a bucket went down', { counts: [0, 3, 3] }],
    ['bounds changed', { bounds: [1, 3] }],
    ['there are other buckets', { bounds: [1], counts: [3, 3] }],
    ['the form changed', { form: 'exponential' }],
  ])('sees a reset: %s', (_, change) => {
    const earlier = { ...empty, bounds: [1, 2], counts: [1, 2, 3], count: 6 }
    expect(subtractHistogram({ ...earlier, ...change }, earlier)).toBeUndefined()
  })

  it('sees a reset when a bucket of an exponential histogram is gone or less', () => {
    const earlier = exponential([1, 2, 3], 6)
    expect(subtractHistogram({ ...exponential([4, 5, 6], 6), count: 10 }, earlier)).toBeUndefined()
    expect(subtractHistogram({ ...earlier, zeroCount: 1 }, { ...earlier, zeroCount: 2 })).toBeUndefined()
  })
})
