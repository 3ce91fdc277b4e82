import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare } from '../../../../../services/detector/peers/comparison.ts'
import { type Norm, unknownNorm } from '../../../../../services/detector/peers/norm.ts'

const unknown = () => unknownNorm
const known = (difference: number, ratio = 0): Norm => ({
  difference,
  ratio,
  usual: difference,
  differences: 50,
  ratios: 50,
})

describe('a comparison with siblings', () => {
  it('is against the median of the others', () => {
    const compared = compare([92, 31, 35, 38, 34], unknown)!
    expect(compared[0]).toEqual({
      difference: 92 - 34.5,
      ratio: Math.log(92) - (Math.log(34) + Math.log(35)) / 2,
      expected: 34.5,
      lower: 31,
      upper: 38,
    })
  })

  it('is not made of three', () => {
    expect(compare([1, 2, Number.NaN, 3], unknown)).toBeUndefined()
  })

  it('leaves out the ratio where it does not exist', () => {
    const compared = compare([0, 5, 6, 7, 8], unknown)!
    expect(compared[0]!.ratio).toBeNaN()
    expect(compared[1]!.ratio).toBeCloseTo(Math.log(5 / 7))
    expect(compare([0, 5, 6, 7], unknown)![1]!.ratio).toBeNaN()
  })

  it('is the same to those that stay when a member that is always different goes', () => {
    const norms = [known(0), known(1), known(-1), known(0), known(50), known(60)]
    const of = (values: readonly number[]) => compare(values, (place) => norms[place]!)!
    const all = of([10, 11, 9, 10, 60, 70])
    const without = of([10, 11, 9, 10, Number.NaN, 70])
    for (const place of [0, 1, 2, 3, 5])
      expect(without[place]!.difference).toBeCloseTo(all[place]!.difference, 10)
    expect(all[5]!.difference).toBe(60)
  })

  it('leaves differences as they are when all get more, and ratios when all are multiplied', () => {
    const anyValues = fc.array(fc.double({ min: 1, max: 1_000, noNaN: true }), {
      minLength: 4,
      maxLength: 12,
    })
    fc.assert(
      fc.property(anyValues, fc.double({ min: 0.1, max: 100, noNaN: true }), (values, change) => {
        const before = compare(values, unknown)!
        const more = compare(
          values.map((value) => value + change),
          unknown,
        )!
        const multiplied = compare(
          values.map((value) => value * change),
          unknown,
        )!
        for (const place of values.keys()) {
          expect(more[place]!.difference).toBeCloseTo(before[place]!.difference, 6)
          expect(multiplied[place]!.ratio).toBeCloseTo(before[place]!.ratio, 6)
        }
      }),
    )
  })

  it('does not depend on the order of the members', () => {
    const anyMembers = fc.array(fc.tuple(fc.integer({ min: -5, max: 50 }), fc.integer({ min: -3, max: 3 })), {
      minLength: 4,
      maxLength: 12,
    })
    fc.assert(
      fc.property(anyMembers, (members) => {
        const of = (some: typeof members) =>
          compare(
            some.map(([value]) => value),
            (place) => known(some[place]![1]),
          )!
        expect(of(members.toReversed())).toEqual(of(members).toReversed())
      }),
    )
  })
})
