import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ledger } from '../../../../cli/deadletter/ledger.ts'
import { ConfigurationError } from '../../../../shared/errors.ts'

describe('which dead letters were re-driven', () => {
  it('is everything before the first one that was left', () => {
    const ledger = new Ledger()
    for (const [offset, redriven] of [
      [0, true],
      [2, true],
      [4, false],
    ] as const)
      ledger.note(offset, redriven)
    expect(ledger.commit()).toEqual({ offset: 4, metadata: '1:4:' })
  })

  it('knows after any runs over a growing topic, cut anywhere, exactly the letters that were chosen', () => {
    // Letters at growing offsets with gaps where transactions end; each run looks at more of them and chooses some.
    const letters = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 40 })
    const runs = fc.array(
      fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), chosen: fc.array(fc.boolean()) }),
    )
    fc.assert(
      fc.property(letters, runs, (gaps, steps) => {
        const offsets = gaps.map((_, i) => gaps.slice(0, i).reduce((sum, gap) => sum + gap, 0))
        const expected = new Set<number>()
        let committed: { offset: number; metadata: string } | undefined
        for (const { share, chosen } of steps) {
          const ledger = new Ledger(committed)
          for (const [i, offset] of offsets.slice(0, Math.ceil(share * offsets.length)).entries()) {
            const known = ledger.has(offset)
            expect(known).toBe(expected.has(offset))
            const redriven = known || (chosen[i] ?? false)
            ledger.note(offset, redriven)
            if (redriven) expected.add(offset)
          }
          committed = ledger.commit()
        }
        const last = new Ledger(committed)
        expect(offsets.filter((offset) => last.has(offset))).toEqual(
          offsets.filter((offset) => expected.has(offset)),
        )
      }),
    )
  })

  it('refuses to choose more scattered letters than can be noted', () => {
    const ledger = new Ledger()
    for (let offset = 0; offset < 3_000; offset++) ledger.note(offset, offset % 2 === 1)
    expect(() => ledger.commit()).toThrow(ConfigurationError)
  })
})
