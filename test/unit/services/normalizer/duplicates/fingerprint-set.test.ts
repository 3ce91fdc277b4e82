import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FingerprintSet } from '../../../../../services/normalizer/duplicates/fingerprint-set.ts'

/** Many alike, so that they meet in the same slots, and those that a free slot could be taken for. */
const anyWord = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer())
const anyPrint = fc.tuple(
  anyWord,
  fc.oneof(
    anyWord,
    fc.integer({ min: -3, max: 3 }).map((n) => n * 1_024),
  ),
)

describe('a set of fingerprints', () => {
  it('holds what a set holds', () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: anyPrint },
      { weight: 1, arbitrary: fc.constant('clear' as const) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const set = new FingerprintSet()
        const model = new Set<string>()
        for (const one of steps) {
          if (one === 'clear') {
            set.clear()
            model.clear()
            continue
          }
          // Two zeros share their place with zero and one: a free slot looks like them.
          const [high, low] = one
          const key = high === 0 && low === 0 ? '0,1' : `${high},${low}`
          expect(set.has(high, low)).toBe(model.has(key))
          expect(set.add(high, low)).toBe(!model.has(key))
          model.add(key)
          expect(set.has(high, low)).toBe(true)
        }
        expect(set.size).toBe(model.size)
      }),
    )
  })

  it('holds a hundred thousand, and forgets them', () => {
    const set = new FingerprintSet()
    const all = Array.from({ length: 100_000 }, (_, i) => [i % 3, Math.imul(i, 0x9e3779b1)] as const)
    expect(all.filter(([high, low]) => !set.add(high, low))).toEqual([])
    expect(all.filter(([high, low]) => !set.has(high, low) || set.add(high, low))).toEqual([])
    expect([set.size, set.has(3, 0)]).toEqual([100_000, false])
    set.clear()
    expect([set.size, set.has(0, 0), set.has(1, Math.imul(1, 0x9e3779b1))]).toEqual([0, false, false])
  })
})
