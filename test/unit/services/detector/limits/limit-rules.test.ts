import { expect, it } from 'vitest'
import { type LimitRule, limitsOf } from '../../../../../services/detector/limits/limit-rules.ts'
import type { Series } from '../../../../../shared/avro/types.ts'

const rules: readonly LimitRule[] = [
  { metric: 'disk.*', where: {}, limit: 100 },
  { metric: 'disk.used', where: { host: 'a*' }, limit: 90 },
]
const of = (metric: string, host: string): Series => ({
  ...{ metric, tags: [{ key: 'host', value: host }] },
  ...{ kind: 'gauge', unit: '' },
})

it('finds the limits of all rules that choose a series, for statistics in its own unit', () => {
  expect(limitsOf(rules, of('disk.used', 'a1'), 'mean')).toEqual([100, 90])
  expect(limitsOf(rules, of('disk.used', 'b1'), 'p99')).toEqual([100])
  expect(limitsOf(rules, of('cpu', 'a1'), 'mean')).toEqual([])
  expect(limitsOf(rules, of('disk.used', 'a1'), 'count')).toEqual([])
})
