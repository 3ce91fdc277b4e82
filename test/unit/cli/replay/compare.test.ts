import { describe, expect, it } from 'vitest'
import { type Comparable, compare, keyOf, sentenceOf } from '../../../../cli/replay/verify/compare.ts'

const window = (start: number, fields: Comparable['fields']): Comparable => ({
  measurement: 'cpu',
  tags: [
    ['host', 'a'],
    ['window', '10s'],
  ],
  start,
  fields,
})
const byKey = (...windows: readonly Comparable[]) => new Map(windows.map((one) => [keyOf(one), one]))
const sentences = (stored: readonly Comparable[], recomputed: readonly Comparable[]) =>
  [...compare(byKey(...stored), byKey(...recomputed))].map(sentenceOf)

describe('the comparison of stored and recomputed windows', () => {
  it('passes over revisions, and the last bits of sums', () => {
    const stored = window(0, { count: 3, sum: 0.3, p99: 1, revision: 4 })
    const recomputed = window(0, { count: 3, sum: 0.1 + 0.2, p99: 1, revision: 0 })
    expect(stored.fields.sum).not.toBe(recomputed.fields.sum)
    expect(sentences([stored], [recomputed])).toEqual([])
  })

  it('tells what is missing, what is extra and which fields differ, percentiles to the last bit', () => {
    const stored = [window(0, { count: 3, p99: 0.3 }), window(20_000, { count: 1 })]
    const recomputed = [window(0, { count: 4, p99: 0.1 + 0.2, sum: 9 }), window(10_000, { count: 1 })]
    expect(sentences(stored, recomputed)).toEqual([
      '1970-01-01T00:00:00.000Z cpu,host=a,window=10s: count is 3 in InfluxDB, recomputed 4',
      '1970-01-01T00:00:00.000Z cpu,host=a,window=10s: p99 is 0.3 in InfluxDB, recomputed 0.30000000000000004',
      '1970-01-01T00:00:00.000Z cpu,host=a,window=10s: sum is absent in InfluxDB, recomputed 9',
      '1970-01-01T00:00:10.000Z cpu,host=a,window=10s: missing in InfluxDB',
      '1970-01-01T00:00:20.000Z cpu,host=a,window=10s: in InfluxDB, but nothing was recomputed for it',
    ])
  })

  it('takes a window that was left without samples for none', () => {
    const emptied = [window(0, { count: 0, p99: 0 }), window(10_000, { count: 0, mean: 0, denominator: 0 })]
    expect(sentences(emptied, [])).toEqual([])
    expect(sentences([], emptied)).toEqual([])
    expect(sentences([window(0, { count: 0, mean: 0, denominator: 4 })], [])).toHaveLength(1)
    expect(sentences([window(0, { count: 0, mean: 3, distinct: 3 })], [])).toHaveLength(1)
  })

  it('compares exemplars as texts', () => {
    const stored = window(0, { count: 1, exemplar_trace_id: '01' })
    expect(sentences([stored], [stored])).toEqual([])
    expect(sentences([stored], [window(0, { count: 1, exemplar_trace_id: '1' })])).toEqual([
      expect.stringContaining('exemplar_trace_id is 01 in InfluxDB, recomputed 1'),
    ])
    expect(sentences([window(0, { count: 1 })], [stored])).toEqual([
      expect.stringContaining('exemplar_trace_id is absent in InfluxDB, recomputed 01'),
    ])
  })

  it('allows sums no more than their rounding', () => {
    const [difference] = sentences([window(0, { sum: 1 })], [window(0, { sum: 1 + 1e-11 })])
    expect(difference).toContain('sum is 1 in InfluxDB')
  })
})
