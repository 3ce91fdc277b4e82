import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Claim, fairShares } from '../../../../../services/normalizer/tenants/fair-shares.ts'

const claims = (...pairs: readonly (readonly [want: number, weight: number])[]): readonly Claim[] =>
  pairs.map(([want, weight], index) => ({ want, weight, key: String(index) }))

const anyClaims = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 1, max: 10 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((pairs) => claims(...pairs))
const anyTotal = fc.integer({ min: 0, max: 5_000 })

describe('fair shares', () => {
  it.each([
    ['all get what they want while there is enough', 100, claims([10, 1], [20, 1]), [10, 20]],
    ['equals share equally', 100, claims([90, 1], [90, 1]), [50, 50]],
    ['weights count', 100, claims([90, 3], [90, 1]), [75, 25]],
    ['what one does not want is lent to the others', 100, claims([10, 1], [90, 1], [90, 1]), [10, 45, 45]],
    ['and by weight', 100, claims([10, 5], [90, 2], [90, 1]), [10, 60, 30]],
    ['nothing is left over by rounding', 10, claims([9, 1], [9, 1], [9, 1]), [3, 3, 4]],
  ])('%s', (_, total, wanted, expected) => {
    expect(fairShares(total, wanted)).toEqual(expected)
  })

  it('divides all there is, and gives nobody more than it wants', () => {
    fc.assert(
      fc.property(anyTotal, anyClaims, (total, wanted) => {
        const shares = fairShares(total, wanted)
        const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
        for (const [index, { want }] of wanted.entries()) expect(shares[index]).toBeLessThanOrEqual(want)
        expect(sum(shares)).toBe(Math.min(total, sum(wanted.map(({ want }) => want))))
      }),
    )
  })

  it('gives more to nobody whom it would take from one with less for its weight', () => {
    fc.assert(
      fc.property(anyTotal, anyClaims, (total, wanted) => {
        const shares = fairShares(total, wanted)
        const unmet = wanted.map(({ want }, index) => shares[index]! < want)
        // Rounding may move less than one for each claim.
        for (const [a, one] of wanted.entries())
          for (const [b, other] of wanted.entries())
            if (unmet[a])
              expect(shares[b]! / other.weight).toBeLessThanOrEqual(
                shares[a]! / one.weight + wanted.length + 1,
              )
      }),
    )
  })

  it('does not depend on the order of the claims', () => {
    fc.assert(
      fc.property(anyTotal, anyClaims, (total, wanted) => {
        const back = fairShares(total, [...wanted].reverse())
        expect([...back].reverse()).toEqual(fairShares(total, wanted))
      }),
    )
  })
})
