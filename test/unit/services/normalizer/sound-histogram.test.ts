import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CountedSamples } from '../../../../services/normalizer/format.ts'
import { noSamples } from '../../../../services/normalizer/point-columns.ts'
import { requireSound } from '../../../../services/normalizer/sound-histogram.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import { addHistogram } from '../../../../shared/sketch/histograms.ts'
import { SketchStore } from '../../../../shared/sketch/sketch-store.ts'

const ten = { time: 0, count: 10, sum: 50 }

test.each<readonly [string, CountedSamples]>([
  ['counts that do not fit the bounds', { ...ten, form: 'explicit', bounds: [1, 2], counts: [5, 5] }],
  ['bounds that do not ascend', { ...ten, form: 'explicit', bounds: [2, 1], counts: [5, 5, 0] }],
  ['a bound that is not finite', { ...ten, form: 'explicit', bounds: [1, Infinity], counts: [5, 5, 0] }],
  ['a negative count', { ...ten, form: 'explicit', bounds: [1], counts: [-5, 15] }],
  ['a count that is too large to be kept', { ...ten, count: 2 ** 60, form: 'explicit', counts: [2 ** 60] }],
  [
    'a least value above the greatest',
    { ...ten, form: 'explicit', bounds: [1], counts: [5, 5], min: 2, max: 1 },
  ],
  ['nothing that tells where samples are', { ...ten, sum: Number.NaN, form: 'explicit', counts: [10] }],
  ['an unknown scale', { ...ten, form: 'exponential', scale: 21, positiveCounts: [10] }],
  [
    'buckets beyond all doubles',
    { ...ten, form: 'exponential', scale: 0, positiveOffset: 2_000, positiveCounts: [10] },
  ],
  [
    'an offset of no buckets that no record holds',
    { ...ten, form: 'exponential', zeroCount: 10, positiveOffset: 1e199 },
  ],
  ['a quantile above 1', { ...ten, form: 'summary', bounds: [1.5], values: [1] }],
  ['too many buckets', { ...ten, form: 'exponential', positiveCounts: new Array(10_001).fill(0) }],
])('A histogram with %s is refused.', (_, samples) => {
  expect(() => requireSound(samples)).toThrow(BadRecordError)
})

test('What is found sound, a sketch takes, and what is refused, it refuses.', () => {
  const number = fc.oneof(fc.integer({ min: -3, max: 5 }), fc.double())
  const samples = fc.record({
    time: fc.constant(0),
    form: fc.constantFrom('explicit' as const, 'summary' as const, 'exponential' as const),
    count: fc.nat(20),
    sum: number,
    min: fc.option(number),
    max: fc.option(number),
    bounds: fc.oneof(fc.array(number, { maxLength: 4 }), fc.constantFrom([1, 2], [0.5, 0.9])),
    counts: fc.array(fc.integer({ min: -1, max: 9 }), { maxLength: 4 }),
    values: fc.array(number, { maxLength: 4 }),
    positiveCounts: fc.array(fc.nat(5), { maxLength: 4 }),
  })
  fc.assert(
    fc.property(samples, (one) => {
      expect(accepts(() => requireSound(one))).toBe(accepts(() => lay(one)))
    }),
  )
})

function lay(samples: CountedSamples): void {
  const store = new SketchStore()
  addHistogram(store, store.create(), { ...noSamples, ...samples, seriesIndex: 0 })
}

function accepts(work: () => void): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}
