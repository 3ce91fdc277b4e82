import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  exactSamples,
  maxBins,
  maxCount,
  maxGroups,
  relativeAccuracy,
} from '../../../shared/sketch/limits.ts'
import { SketchStore } from '../../../shared/sketch/sketch-store.ts'
import { seededRandom } from '../../support/random.ts'

const anySample = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.constantFrom(
    0,
    -0,
    Number.MIN_VALUE,
    -Number.MIN_VALUE,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    2 ** -1022,
  ),
)
const anySamples = fc.array(anySample, { maxLength: 100 })

function storeWith(...sketches: readonly (readonly number[])[]) {
  const store = new SketchStore()
  const handles = sketches.map((samples) => {
    const handle = store.create()
    for (const sample of samples) store.add(handle, sample)
    return handle
  })
  return { store, handles }
}

const bytesOf = (samples: readonly number[]) => {
  const { store, handles } = storeWith(samples)
  return store.toBytes(handles[0]!)
}

describe('SketchStore', () => {
  it('gives the same bytes for the same samples, however they were added, weighted, merged or sent', () => {
    const step = fc.record({
      into: fc.nat(4),
      samples: anySamples,
      way: fc.constantFrom('add', 'weigh', 'merge', 'other store', 'bytes', 'copy'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const { store, handles } = storeWith([], [], [], [], [])
        const all: number[] = []
        for (const { into, samples, way } of steps) {
          const handle = handles[into]!
          all.push(...samples)
          const other = storeWith(samples)
          if (way === 'add') for (const sample of samples) store.add(handle, sample)
          else if (way === 'weigh') {
            const counts = new Map<number, number>()
            for (const sample of samples) counts.set(sample + 0, (counts.get(sample + 0) ?? 0) + 1)
            for (const [sample, count] of counts) store.addWeighted(handle, sample, count)
          } else if (way === 'bytes') store.mergeBytes(handle, bytesOf(samples))
          else if (way === 'other store') store.mergeFrom(handle, other.store, other.handles[0]!)
          else {
            const extra = store.create()
            for (const sample of samples) store.add(extra, sample)
            const source = way === 'copy' ? store.copy(extra) : extra
            if (source !== extra) store.free(extra)
            store.merge(handle, source)
            store.free(source)
          }
        }
        const [first, ...others] = handles
        for (const other of others.reverse()) store.merge(first!, other)
        expect(store.toBytes(first!)).toEqual(bytesOf(all))
        expect(store.size).toBe(handles.length)
      }),
    )
  })

  it('is within the accuracy over the whole double range, down to the distance of two doubles', () => {
    fc.assert(
      fc.property(fc.array(anySample, { minLength: 33, maxLength: 100 }), (samples) => {
        const { store, handles } = storeWith(samples)
        const sorted = Float64Array.from(samples).sort()
        const qs = [0, 0.1, 0.5, 0.9, 0.99, 1]
        const values = new Float64Array(qs.length)
        store.quantiles(handles[0]!, qs, values)
        for (const [i, q] of qs.entries()) {
          const exact = sorted[Math.max(0, Math.ceil(q * sorted.length * (1 - 1e-12)) - 1)]!
          const allowed = Math.abs(exact) * relativeAccuracy + Number.MIN_VALUE
          // Halves, so that nothing overflows.
          expect(Math.abs(values[i]! / 2 - exact / 2)).toBeLessThanOrEqual(allowed / 2 + Number.MIN_VALUE)
          expect(store.quantile(handles[0]!, q)).toBe(values[i])
        }
      }),
    )
  })

  it('sums exactly, whatever the order and however large the numbers on the way', () => {
    const { store, handles } = storeWith(
      [Number.MAX_VALUE, Number.MAX_VALUE, 1, -Number.MAX_VALUE, -Number.MAX_VALUE],
      [1e100, 1, -1e100, 1e-100],
      [0.1, 0.2, 0.3],
      [Number.MAX_VALUE, Number.MAX_VALUE],
      [],
    )
    expect(handles.map((handle) => store.sum(handle))).toEqual([1, 1, 0.6, Infinity, 0])
    const weighted = store.create()
    store.addWeighted(weighted, 0.1, 10)
    store.addWeighted(weighted, 0.1, 2 ** 40)
    // 0.1 is a little more than a tenth; this is what the integers say.
    const tenth = 0x1999999999999an
    expect(store.sum(weighted)).toBe(Number(tenth * (2n ** 40n + 10n)) / 2 ** 56)
  })

  it(`keeps up to ${exactSamples} samples as they are, and bins from then on, whoever brings the last one`, () => {
    const samples = Array.from({ length: exactSamples }, (_, i) => 1.001 ** i)
    const { store, handles } = storeWith(samples, [3])
    expect(store.quantile(handles[0]!, 0.5)).toBe(samples[exactSamples / 2 - 1])
    store.merge(handles[0]!, handles[1]!)
    expect(store.quantile(handles[0]!, 0.5)).not.toBe(samples[exactSamples / 2])
    expect(store.toBytes(handles[0]!)).toEqual(bytesOf([3, ...samples]))
  })

  it('counts samples up to a value, but for those within the accuracy of it', () => {
    fc.assert(
      fc.property(fc.array(anySample, { maxLength: 100 }), anySample, (samples, value) => {
        const { store, handles } = storeWith(samples)
        const counted = store.countAtMost(handles[0]!, value)
        const near = Math.abs(value) * 2 * relativeAccuracy + 2 * Number.MIN_VALUE
        const within = (limit: number) => samples.filter((sample) => sample <= limit).length
        expect(counted).toBeGreaterThanOrEqual(within(value - near))
        expect(counted).toBeLessThanOrEqual(within(value + near))
        if (samples.length <= exactSamples) expect(counted).toBe(within(value))
      }),
    )
  })

  it('counts beyond a byte, two, and four, and at last no further', () => {
    const samples = Array.from({ length: 40 }, (_, i) => 2 ** i)
    const { store, handles } = storeWith(samples)
    const handle = handles[0]!
    let count = samples.length
    for (const weight of [255, 1, 65_279, 1, 2 ** 32 - 65_537, 1, 2 ** 44]) {
      store.addWeighted(handle, 8, weight)
      store.add(handle, 8)
      count += weight + 1
      expect([store.count(handle), store.countAtMost(handle, 9)]).toEqual([count, count - 36])
      expect(store.quantile(handle, 0.5) / 8).toBeCloseTo(1, 1)
    }
    store.addWeighted(handle, 8, maxCount)
    store.merge(handle, store.copy(handle))
    expect(store.count(handle)).toBe(maxCount)
    const copy = store.create()
    store.mergeBytes(copy, store.toBytes(handle))
    expect([store.count(copy), store.toBytes(copy)]).toEqual([maxCount, store.toBytes(handle)])
  })

  it('merges neighbouring buckets when there are too many, whatever the order, and never has more', () => {
    const random = seededRandom(3)
    const samples = Array.from(
      { length: 6_000 },
      () => (random() < 0.5 ? -1 : 1) * 2 ** (random() * 400 - 200),
    )
    const { store, handles } = storeWith(samples, samples.slice(0, 3_000), samples.slice(3_000).reverse())
    store.merge(handles[2]!, handles[1]!)
    expect(store.toBytes(handles[2]!)).toEqual(store.toBytes(handles[0]!))
    // 800 octaves: with 8 buckets each they are in 800 groups, with 16 in 1,600.
    const base = 2 ** (1 / 8)
    const sorted = Float64Array.from(samples).sort()
    for (const q of [0.01, 0.2, 0.5, 0.8, 0.99]) {
      const error = Math.abs(store.quantile(handles[0]!, q) / sorted[Math.ceil(q * samples.length) - 1]! - 1)
      expect(error).toBeLessThanOrEqual((base - 1) / (base + 1) + 1e-9)
    }
    expect(maxBins).toBe(maxGroups * 8)
    expect(store.toBytes(handles[0]!).length).toBeLessThan(maxBins * 2)
  })

  it('gives handles out again, empty, and leaves other sketches alone', () => {
    const random = seededRandom(5)
    const store = new SketchStore()
    const samplesOf = new Map<number, number[]>()
    for (let i = 0; i < 20_000; i++) {
      const handles = [...samplesOf.keys()]
      const some = handles[Math.floor(random() * handles.length)]
      const what = random()
      if (some === undefined || (what < 0.02 && handles.length < 60)) {
        const handle = store.create()
        expect(samplesOf.has(handle)).toBe(false)
        expect([store.count(handle), store.sum(handle), store.max(handle)]).toEqual([0, 0, Number.NaN])
        samplesOf.set(handle, [])
      } else if (what < 0.025) {
        store.free(some)
        samplesOf.delete(some)
      } else if (what < 0.03) {
        store.clear(some)
        samplesOf.set(some, [])
      } else {
        // Some of them more than two doubles apart.
        const sample = random() < 0.001 ? 1e40 * random() : Math.exp(random() * 3)
        store.add(some, sample)
        samplesOf.get(some)!.push(sample)
      }
    }
    expect(store.size).toBe(samplesOf.size)
    for (const [handle, samples] of samplesOf) expect(store.toBytes(handle)).toEqual(bytesOf(samples))
  })

  it('takes little memory, and takes it again for what comes after', () => {
    const random = seededRandom(1)
    const store = new SketchStore()
    const fill = () => {
      const handles = Array.from({ length: 2_000 }, () => store.create())
      for (let i = 0; i < 100 * handles.length; i++)
        store.add(handles[i % handles.length]!, Math.exp(random() + random() + random()))
      return handles
    }
    for (const handle of fill()) store.free(handle)
    const held = store.bytes
    fill()
    expect(held / 2_000).toBeLessThan(1_500)
    expect(store.bytes).toBeLessThan(held * 1.1)
  })

  it('refuses what is no finite sample or no whole weight, and is as before', () => {
    const { store, handles } = storeWith([1, 2, 3])
    const before = store.toBytes(handles[0]!)
    for (const value of [Number.NaN, Infinity, -Infinity])
      expect(() => store.add(handles[0]!, value)).toThrow(RangeError)
    for (const weight of [0, -1, 1.5, Number.NaN, Infinity, 2 ** 46])
      expect(() => store.addWeighted(handles[0]!, 1, weight)).toThrow(RangeError)
    expect(store.toBytes(handles[0]!)).toEqual(before)
  })

  it('refuses bytes that were cut off or changed with a RangeError, and is as before', () => {
    const random = seededRandom(2)
    const sources = [
      bytesOf([1, 2, 3]),
      bytesOf(Array.from({ length: 300 }, () => random() - 0.3)),
      bytesOf([...Array.from({ length: 300 }, () => random() * 100), 1e200, 1e-200]),
    ]
    const { store, handles } = storeWith([5, 6])
    const handle = handles[0]!
    const before = store.toBytes(handle)
    for (const source of sources) {
      for (let length = 0; length < source.length; length++)
        expect(() => store.mergeBytes(handle, source.subarray(0, length))).toThrow(RangeError)
      expect(() => store.mergeBytes(handle, Buffer.concat([source, Buffer.from([0])]))).toThrow(RangeError)
    }
    expect(store.toBytes(handle)).toEqual(before)
    fc.assert(
      fc.property(fc.constantFrom(...sources), fc.nat(), fc.nat(7), (source, at, bit) => {
        const changed = Buffer.from(source)
        changed[at % changed.length]! ^= 1 << bit
        const { store, handles } = storeWith([5, 6])
        try {
          store.mergeBytes(handles[0]!, changed)
          // Sound, as it happens: then it is as good as any.
          expect(store.count(handles[0]!)).toBeGreaterThanOrEqual(2)
          const again = storeWith([])
          again.store.mergeBytes(again.handles[0]!, store.toBytes(handles[0]!))
          expect(again.store.toBytes(again.handles[0]!)).toEqual(store.toBytes(handles[0]!))
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          expect(store.toBytes(handles[0]!)).toEqual(before)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
