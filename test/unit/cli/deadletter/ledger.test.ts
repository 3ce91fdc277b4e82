import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ledger } from '../../../../cli/deadletter/ledger.ts'

/** What a run has committed: the group's offset, and the compacted topic of notes. */
class Committed {
  #offset: { readonly offset: number; readonly metadata: string } | undefined
  readonly notes = new Map<string, Uint8Array>()

  ledger(): Ledger {
    const ledger = new Ledger(0, this.#offset)
    for (const [key, value] of this.notes) ledger.restore(key, value)
    return ledger
  }

  take({ offset, metadata, notes }: ReturnType<Ledger['commit']>): void {
    this.#offset = { offset, metadata }
    for (const { key, value } of notes) {
      if (value) this.notes.set(key, value)
      else this.notes.delete(key)
    }
  }
}

describe('which dead letters were re-driven', () => {
  it('is everything before the first one that was left', () => {
    const ledger = new Ledger(0)
    for (const [offset, redriven] of [
      [0, true],
      [2, true],
      [4, false],
    ] as const)
      ledger.note(offset, redriven)
    expect(ledger.commit()).toMatchObject({ offset: 4, metadata: '1:4:' })
  })

  it('knows after any runs over a growing topic, cut anywhere, exactly the letters that were chosen', () => {
    // Letters at growing offsets with gaps where transactions end; each run looks at more of them and chooses some.
    const letters = fc.array(fc.constantFrom(1, 2, 3, 5_000), { minLength: 1, maxLength: 40 })
    const runs = fc.array(
      fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), chosen: fc.array(fc.boolean()) }),
    )
    fc.assert(
      fc.property(letters, runs, (gaps, steps) => {
        const offsets = gaps.map((_, i) => gaps.slice(0, i).reduce((sum, gap) => sum + gap, 0))
        const expected = new Set<number>()
        const committed = new Committed()
        for (const { share, chosen } of steps) {
          const ledger = committed.ledger()
          for (const [i, offset] of offsets.slice(0, Math.ceil(share * offsets.length)).entries()) {
            const known = ledger.has(offset)
            expect(known).toBe(expected.has(offset))
            const redriven = known || (chosen[i] ?? false)
            ledger.note(offset, redriven)
            if (redriven) expected.add(offset)
            // A transaction may end anywhere.
            if (i % 3 === 2) committed.take(ledger.commit())
          }
          committed.take(ledger.commit())
        }
        const last = committed.ledger()
        expect(offsets.filter((offset) => last.has(offset))).toEqual(
          offsets.filter((offset) => expected.has(offset)),
        )
      }),
    )
  })

  it('holds any number of letters that lie among others, in a bit each', () => {
    const committed = new Committed()
    const ledger = committed.ledger()
    for (let offset = 0; offset < 100_000; offset++) ledger.note(offset, offset % 2 === 1)
    committed.take(ledger.commit())
    expect([...committed.notes.values()].reduce((sum, { length }) => sum + length, 0)).toBe(13 * 1_024)
    const again = committed.ledger()
    expect([98_000, 98_001].map((offset) => again.has(offset))).toEqual([false, true])
  })

  it('lets go of the notes when all before them are done', () => {
    const committed = new Committed()
    const some = committed.ledger()
    for (let offset = 0; offset < 20_000; offset++) some.note(offset, offset % 2 === 1)
    committed.take(some.commit())
    const rest = committed.ledger()
    for (let offset = 0; offset < 20_000; offset++) rest.note(offset, true)
    committed.take(rest.commit())
    expect([...committed.notes.keys()]).toEqual(['0/2'])
    expect(committed.ledger().has(19_999)).toBe(true)
  })

  it('takes over what older versions have noted in the commit', () => {
    const ledger = new Ledger(0, { offset: 10, metadata: '1:10:2.3.1.1' })
    const done = [9, 10, 11, 12, 14, 15, 16, 17].filter((offset) => ledger.has(offset))
    expect(done).toEqual([9, 12, 14, 16])
    expect(ledger.commit().notes.map(({ key }) => key)).toEqual(['0/0'])
  })

  it('passes over the notes of other partitions, and refuses damaged ones', () => {
    const ledger = new Ledger(1)
    ledger.restore('0/0', new Uint8Array(1_024).fill(255))
    expect(ledger.has(0)).toBe(false)
    expect(() => ledger.restore('1/0', new Uint8Array(3))).toThrow(RangeError)
  })
})
