import { DDSketch } from '@datadog/sketches-js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromDDSketch, type IndexRounding, toDDSketch } from '../../../shared/sketch/ddsketch-protobuf.ts'
import { QuantileSketch } from '../../../shared/sketch/sketch.ts'
import { seededRandom } from '../../support/random.ts'

const quantiles = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]

const sketchOf = (samples: readonly number[]) => {
  const sketch = new QuantileSketch()
  for (const sample of samples) sketch.add(sample)
  return sketch
}

const fromBytes = (bytes: Uint8Array) => QuantileSketch.fromBytes(bytes)

/** DataDog's counts the rank from 0, q (n - 1), rounded down. */
const quantileLikeTheirs = (sketch: QuantileSketch, q: number) =>
  sketch.quantile((Math.floor(q * (sketch.count - 1)) + 1) / sketch.count)

const random = seededRandom(11)
const samples = Array.from({ length: 1_000 }, () => (random() < 0.2 ? -1 : 1) * 10 ** (random() * 6 - 3))
samples.push(0, 0, 0)

describe("DataDog's library for JavaScript", () => {
  it('reads what we write, and has our quantiles', () => {
    const ours = sketchOf(samples)
    const theirs = DDSketch.fromProto(toDDSketch(ours.toBytes(), 'up'))
    // It does not count what it reads; its quantiles need the count.
    theirs.count = theirs.store.count + theirs.negativeStore.count + theirs.zeroCount
    expect(theirs.count).toBe(samples.length)
    for (const q of quantiles) {
      const value = quantileLikeTheirs(ours, q)
      expect(theirs.getValueAtQuantile(q)).toSatisfy(
        (their: number) => Math.abs(their - value) <= 1e-9 * Math.abs(value),
      )
    }
  })

  it('writes what we read: bin by bin with a base of ours', () => {
    const gamma = 2 ** (1 / 64)
    const theirs = new DDSketch({ relativeAccuracy: (gamma - 1) / (gamma + 1) })
    for (const sample of samples) theirs.accept(sample)
    const ours = fromBytes(fromDDSketch(theirs.toProto(), 'up'))
    expect(ours.count).toBe(samples.length)
    for (const q of quantiles)
      expect(
        Math.abs(quantileLikeTheirs(ours, q) / quantileLikeTheirs(sketchOf(samples), q) - 1),
      ).toBeLessThan(1e-9)
  })

  it('writes what we read: within both errors with another base', () => {
    const theirs = new DDSketch({ relativeAccuracy: 0.01 })
    for (const sample of samples) theirs.accept(sample)
    const ours = fromBytes(fromDDSketch(theirs.toProto(), 'up'))
    expect(ours.count).toBe(samples.length)
    for (const q of quantiles) {
      expect(Math.abs(quantileLikeTheirs(ours, q) / theirs.getValueAtQuantile(q) - 1)).toBeLessThan(0.0055)
    }
  })
})

describe("DataDog's library for Java", () => {
  // What sketches-java 0.8.3 serializes of these samples, with a base of 2^(1/64) and with a relative accuracy of 1 %.
  const captured = [1.5, 1.5, 1.52, 1.6, 0, 0, -1.02, -1.05]
  const ownBase =
    'CgkJYYB3Ppos8D8SPBI4AAAAAAAAAEAAAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8D8YShokEiAAAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAADwPxgCIQAAAAAAAABA'
  const onePercent =
    'CgkJ/UqBWr9S8D8SJBIgAAAAAAAACEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA8D8YKBocEhgAAAAAAADwPwAAAAAAAAAAAAAAAAAA8D8YACEAAAAAAAAAQA=='

  it('writes what we read, with its quantiles', () => {
    const ours = fromBytes(fromDDSketch(Buffer.from(ownBase, 'base64')))
    expect(ours.count).toBe(captured.length)
    const theirs = [-1.049928691433106, -1.0163634126874985, 0, 1.500992061633196, 1.6017692700639803]
    for (const [i, q] of [0, 0.25, 0.5, 0.75, 1].entries())
      expect(quantileLikeTheirs(ours, q)).toBeCloseTo(theirs[i]!, 12)
  })

  it('writes what we read within both errors, with another base', () => {
    const ours = fromBytes(fromDDSketch(Buffer.from(onePercent, 'base64')))
    const theirs = [-1.0512202836445257, -1.01, 0, 1.5067630358630384, 1.5999392585303334]
    for (const [i, q] of [0, 0.25, 0.5, 0.75, 1].entries())
      expect(Math.abs(quantileLikeTheirs(ours, q) - theirs[i]!)).toBeLessThanOrEqual(
        0.0055 * Math.abs(theirs[i]!),
      )
  })
})

describe('DDSketch', () => {
  it.each<IndexRounding>(['down', 'up'])('survives both ways, whatever the samples (%s)', (rounding) => {
    const sample = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 })
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 100 }), (values) => {
        const message = toDDSketch(sketchOf(values).toBytes(), rounding)
        const again = fromDDSketch(message, rounding)
        expect(fromBytes(again).count).toBe(values.length)
        expect(Buffer.compare(toDDSketch(again, rounding), message)).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  it('may be empty', () => {
    const empty = new QuantileSketch().toBytes()
    expect(fromDDSketch(toDDSketch(empty))).toEqual(empty)
  })

  it('refuses bytes that are no DDSketch with a RangeError, whatever they are', () => {
    const refuses = (bytes: Uint8Array) => {
      try {
        fromDDSketch(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), refuses), { numRuns: 500 })
    const sound = toDDSketch(sketchOf([1, 1.1, 1.2, -3, 0, 1e9]).toBytes()).subarray(0, 2_000)
    fc.assert(
      fc.property(fc.nat(200), fc.nat(255), fc.nat(sound.length), (at, byte, length) =>
        refuses(Uint8Array.from(sound, (old, i) => (i === at ? byte : old)).subarray(0, length)),
      ),
      { numRuns: 500 },
    )
  })

  it('refuses an interpolated mapping, which has other bins', () => {
    const mapping = Buffer.from('0a0b0961807' + '73e9a2cf03f1801', 'hex')
    expect(() => fromDDSketch(mapping)).toThrow(/interpolated/)
  })
})
