import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExactSum } from '../../../shared/sketch/exact-sum.ts'
import { exactSamples, maxBins } from '../../../shared/sketch/limits.ts'
import { QuantileSketch } from '../../../shared/sketch/sketch.ts'
import { seededRandom } from '../../support/random.ts'

const quantiles = [0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1]

const sketchOf = (samples: readonly number[]) => {
  const sketch = new QuantileSketch()
  for (const sample of samples) sketch.add(sample)
  return sketch
}

/** By nearest rank. */
function exactQuantile(samples: readonly number[], q: number): number {
  const sorted = Float64Array.from(samples).sort()
  return sorted[Math.max(0, Math.ceil(q * sorted.length * (1 - 1e-12)) - 1)]!
}

/** Distance relative to the exact value; written so that neither end of the double range overflows. */
const relativeError = (value: number, exact: number) => (value === exact ? 0 : Math.abs(value / exact - 1))

const anySample = fc.double({ noNaN: true, noDefaultInfinity: true })
const anySamples = fc.array(anySample, { minLength: 1, maxLength: 400 })

describe('QuantileSketch', () => {
  it.each([
    ['uniform', (random: () => number) => random()],
    ['log-normal latencies', (random: () => number) => Math.exp(4 * (random() + random() + random() - 1.5))],
    ['both signs', (random: () => number) => (random() - 0.5) * 1e9],
    ['heavy tail', (random: () => number) => 1 / (1 - random()) ** 2],
    ['few values', (random: () => number) => Math.floor(random() * 5) - 2],
    ['fifteen orders of magnitude', (random: () => number) => 10 ** (random() * 15 - 7)],
  ])('is within 1 %% of the exact quantiles: %s', (_, draw) => {
    const random = seededRandom(7)
    const samples = Array.from({ length: 20_000 }, () => draw(random))
    const sketch = sketchOf(samples)
    for (const q of quantiles)
      expect(relativeError(sketch.quantile(q), exactQuantile(samples, q))).toBeLessThanOrEqual(0.01)
    expect([sketch.count, sketch.min, sketch.max]).toEqual([
      samples.length,
      exactQuantile(samples, 0),
      exactQuantile(samples, 1),
    ])
  })

  it('is within 1 % over the whole double range, with subnormals and zero', () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const sketch = sketchOf(samples)
        for (const q of quantiles)
          expect(relativeError(sketch.quantile(q), exactQuantile(samples, q))).toBeLessThanOrEqual(0.01)
      }),
    )
  })

  it(`is exact up to ${exactSamples} samples`, () => {
    fc.assert(
      fc.property(
        fc.array(anySample, { minLength: 1, maxLength: exactSamples }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (samples, q) => {
          expect(sketchOf(samples).quantile(q) + 0).toBe(exactQuantile(samples, q) + 0)
        },
      ),
    )
  })

  it('merges in any order and grouping to the same bytes', () => {
    fc.assert(
      fc.property(fc.array(anySamples, { minLength: 1, maxLength: 6 }), fc.nat(), (parts, seed) => {
        const whole = sketchOf(parts.flat()).toBytes()
        const random = seededRandom(seed)
        const sketches = parts.map(sketchOf)
        while (sketches.length > 1) {
          const [one] = sketches.splice(Math.floor(random() * sketches.length), 1)
          sketches[Math.floor(random() * sketches.length)]!.merge(one!)
        }
        expect(sketches[0]!.toBytes()).toEqual(whole)
      }),
    )
  })

  it('survives its byte form', () => {
    fc.assert(
      fc.property(anySamples, (samples) => {
        const bytes = sketchOf(samples).toBytes()
        const read = QuantileSketch.fromBytes(bytes)
        expect(read.toBytes()).toEqual(bytes)
        expect(read.quantile(0.9)).toBe(sketchOf(samples).quantile(0.9))
      }),
    )
  })

  it('refuses bytes that are no sketch with a RangeError, whatever they are', () => {
    const refuses = (bytes: Uint8Array) => {
      try {
        QuantileSketch.fromBytes(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), refuses), { numRuns: 500 })
    const sound = sketchOf(Array.from({ length: 300 }, (_, i) => i - 100)).toBytes()
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), fc.nat(sound.length), (at, byte, length) =>
        refuses(Uint8Array.from(sound, (old, i) => (i === at ? byte : old)).subarray(0, length)),
      ),
      { numRuns: 500 },
    )
  })

  it('stays small by merging neighbours when there are too many bins, and doubles its error with each merge', () => {
    // 1,024 octaves: at scale 2 they are 4,096 buckets, 512 groups, and at scale 3 too many.
    const samples = Array.from({ length: 40_000 }, (_, i) => 2 ** ((i - 20_000) * (1_024 / 40_000)))
    const sketch = sketchOf(samples)
    expect(sketch.toBytes().length).toBeLessThan(maxBins * 3)
    const base = 2 ** (1 / 4)
    const bound = (base - 1) / (base + 1)
    for (const q of quantiles)
      expect(relativeError(sketch.quantile(q), exactQuantile(samples, q))).toBeLessThanOrEqual(bound)
    expect(sketch.toBytes()).toEqual(sketchOf([...samples].reverse()).toBytes())
  })

  it('knows nothing when empty, and takes no numbers that are none', () => {
    const sketch = new QuantileSketch()
    expect([sketch.count, sketch.min, sketch.max, sketch.quantile(0.5)]).toEqual([
      0,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ])
    for (const value of [Number.NaN, Infinity, -Infinity]) expect(() => sketch.add(value)).toThrow(RangeError)
    expect(QuantileSketch.fromBytes(sketch.toBytes()).count).toBe(0)
  })
})

describe('ExactSum', () => {
  /** In units of the smallest double, exactly; then rounded once by the division of integers. */
  const exact = (values: readonly number[]) => values.reduce((sum, value) => sum + toUnits(value), 0n)
  const sumOf = (values: readonly number[]) => {
    const sum = new ExactSum()
    for (const value of values) sum.add(value)
    return sum.value
  }
  const moderate = fc.double({ min: -1e100, max: 1e100, noNaN: true })

  it('is the double nearest to the exact sum', () => {
    fc.assert(
      fc.property(fc.array(moderate, { maxLength: 50 }), (values) => {
        const value = sumOf(values)
        const wanted = exact(values)
        const distance = (candidate: number) =>
          toUnits(candidate) > wanted ? toUnits(candidate) - wanted : wanted - toUnits(candidate)
        expect(
          distance(value) <= distance(nextUp(value)) && distance(value) <= distance(-nextUp(-value)),
        ).toBe(true)
      }),
    )
  })

  it('does not depend on order or grouping', () => {
    fc.assert(
      fc.property(
        fc.array(moderate, { maxLength: 50 }),
        fc.array(moderate, { maxLength: 50 }),
        (some, others) => {
          const merged = new ExactSum()
          const other = new ExactSum()
          for (const value of others) merged.add(value)
          for (const value of some) other.add(value)
          merged.merge(other)
          expect(merged.value).toBe(sumOf([...some, ...others].sort((a, b) => a - b)))
        },
      ),
    )
  })

  it('is infinite beyond the doubles, and comes back', () => {
    expect(sumOf([Number.MAX_VALUE, Number.MAX_VALUE])).toBe(Infinity)
    expect(sumOf([Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE])).toBe(Number.MAX_VALUE)
  })

  it('comes whole out of its terms, which are the same for the same sum', () => {
    const any = fc.double({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 20 }), (values) => {
        const [sum, reversed, again] = [new ExactSum(), new ExactSum(), new ExactSum()]
        sum.addAll(values)
        reversed.addAll(values.toReversed())
        again.addAll(sum.terms)
        expect(exact(sum.terms)).toBe(exact(values))
        expect(reversed.terms).toEqual(sum.terms)
        expect(again.terms).toEqual(sum.terms)
      }),
    )
  })
})

/** A double as an integer of units of 2^-1074. */
function toUnits(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const mantissa = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n)
  const units = mantissa << BigInt(Math.max(0, exponent - 1))
  return bits >> 63n === 1n ? -units : units
}

function nextUp(value: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value === 0 ? 0 : value)
  view.setBigInt64(0, view.getBigInt64(0) + (value >= 0 ? 1n : -1n))
  return view.getFloat64(0)
}
