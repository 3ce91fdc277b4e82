import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedValues, maxMemoLength } from '../../../../../services/normalizer/derived/bounded-values.ts'

const anyAsked = fc.array(
  fc.record({
    scope: fc.constantFrom('shop', 'cart', 'mail'),
    value: fc.nat({ max: 30 }).map(String),
    learns: fc.boolean(),
  }),
  { maxLength: 80 },
)

describe('bounded values', () => {
  it('admits the first of each scope, and those for ever', () => {
    const values = new BoundedValues(2)
    const admitted = ['a', 'b', 'c', 'a', 'c', 'b'].map((value) => values.admits('shop', value))
    expect(admitted).toEqual([true, true, false, true, false, true])
    expect(values.admits('cart', 'c')).toBe(true)
  })

  it('learns nothing from what is not worth a place', () => {
    const values = new BoundedValues(1)
    expect(values.admits('shop', 'a', false)).toBe(false)
    expect(values.admits('shop', 'b')).toBe(true)
    expect(values.admits('shop', 'b', false)).toBe(true)
    expect(values.admits('shop', 'a')).toBe(false)
  })

  it('says the same after any number of restarts', () => {
    fc.assert(
      fc.property(anyAsked, fc.nat({ max: 80 }), (asked, at) => {
        const undisturbed = new BoundedValues(5)
        let running = new BoundedValues(5)
        for (const [i, { scope, value, learns }] of asked.entries()) {
          if (i === at) running = new BoundedValues(5, running.memo)
          expect(running.admits(scope, value, learns)).toBe(undisturbed.admits(scope, value, learns))
        }
        expect(running.memo).toBe(undisturbed.memo)
      }),
    )
  })

  it.each([1, 2, 200])('remembers no more than a commit holds, with %i values in a scope', (maxPerScope) => {
    const values = new BoundedValues(maxPerScope)
    let admitted = 0
    for (let scope = 0; scope < 300; scope++)
      for (let value = 0; value < 300; value++)
        if (values.admits(`scope ${scope}`, `${scope} ${value}`)) admitted++
    expect(values.memo.length).toBeLessThanOrEqual(maxMemoLength)
    // Else it would waste what there is.
    expect(values.memo.length).toBeGreaterThan(maxMemoLength - 10)
    expect(admitted).toBeGreaterThanOrEqual(maxMemoLength / 10)
    const again = new BoundedValues(maxPerScope, values.memo)
    expect(again.memo).toBe(values.memo)
    expect(again.admits('another', 'value')).toBe(false)
  })

  it.each(['x', 'abcd', 'abcd!fgh', 'abcdefgh.', 'abcdefghi'])('refuses the damaged memo “%s”', (memo) => {
    expect(() => new BoundedValues(5, memo)).toThrow(RangeError)
  })
})
