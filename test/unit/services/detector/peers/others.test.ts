import fc from 'fast-check'
import { median } from 'simple-statistics'
import { expect, it } from 'vitest'
import {
  lowerWithout,
  medianWithout,
  rankOf,
  upperWithout,
} from '../../../../../services/detector/peers/others.ts'

/** Zeros of one sign: as in windows, where those of both are the same value. */
const anyValue = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0)
const anyValues = fc.array(anyValue, { minLength: 2, maxLength: 40 })

it('gives the median of all other values, and the range in which most of them are', () => {
  fc.assert(
    fc.property(anyValues, (values) => {
      const sorted = Float64Array.from(values).sort()
      for (const [i, value] of values.entries()) {
        const others = values.toSpliced(i, 1).sort((a, b) => a - b)
        const rank = rankOf(sorted, value)
        expect(medianWithout(sorted, rank)).toBeCloseTo(median(others), 6)
        const cut = Math.floor(others.length / 5)
        expect(lowerWithout(sorted, rank)).toBe(others[cut])
        expect(upperWithout(sorted, rank)).toBe(others[others.length - 1 - cut])
      }
      expect(medianWithout(sorted, -1)).toBeCloseTo(median(values), 6)
    }),
  )
})
