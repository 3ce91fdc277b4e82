import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashText, normalizeTags, seriesKey, seriesPartition } from '../../../shared/series/series.ts'

describe('series', () => {
  it('sorts tags and leaves out empty ones', () => {
    const tags = [
      { key: 'b', value: '1' },
      { key: 'empty', value: '' },
      { key: 'a', value: '2' },
    ]
    expect(normalizeTags(tags)).toEqual([
      { key: 'a', value: '2' },
      { key: 'b', value: '1' },
    ])
  })

  it('have the same key only when they are the same', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '=', '\\', '🎉'), maxLength: 4 })
    const series = fc.record({
      metric: text,
      tags: fc.array(fc.record({ key: text, value: text }), { maxLength: 2 }),
    })
    fc.assert(
      fc.property(series, series, (one, other) => {
        expect(seriesKey(one) === seriesKey(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
      }),
      { numRuns: 2_000 },
    )
  })

  it('spread evenly over partitions, even when their names are alike', () => {
    const counts = new Array<number>(8).fill(0)
    for (let i = 0; i < 8_000; i++) counts[seriesPartition(`cpu.usage,host=server-${i}`, 8)]!++
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  it('have a hash that never changes: partitions depend on it', () => {
    expect([hashText('cpu.usage_user,host=a'), hashText('')]).toEqual([3174780386, 2872998923])
  })
})
