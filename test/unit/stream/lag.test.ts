import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../../shared/observability/metrics.ts'
import { exposeLag, lagOf, type Progress } from '../../../shared/stream/lag.ts'

const at = (next: number, more: Partial<Progress> = {}): Progress => ({
  topic: 'points',
  partition: 0,
  next,
  nextTimestamp: undefined,
  notBefore: undefined,
  ...more,
})

describe('lagOf', () => {
  it.each([
    ['nothing at the end', at(10), { records: 0, seconds: 0 }],
    ['nothing when the end is known late', at(12), { records: 0, seconds: 0 }],
    ['the age of the next record', at(4, { nextTimestamp: 7_000 }), { records: 6, seconds: 3 }],
    ['at most the time since the end was seen', at(4, { notBefore: 8_500 }), { records: 6, seconds: 1.5 }],
    ['no seconds right after a rebalance', at(4), { records: 6, seconds: undefined }],
    ['no negative age when clocks differ', at(4, { nextTimestamp: 10_500 }), { records: 6, seconds: 0 }],
  ])('says %s', (_, progress, lag) => {
    expect(lagOf(progress, 10, 10_000)).toEqual(lag)
  })
})

describe('exposeLag', () => {
  it('asks where the partitions end when the metrics are read, and keeps the last answer while the broker is away', async () => {
    const metrics = createMetrics()
    let end: number | undefined = 7
    let owned = [at(5)]
    const admin = {
      ranges: async () => {
        if (end === undefined) throw new Error('away')
        return new Map([[0, { start: 0, end }]])
      },
    }
    exposeLag(admin, metrics, () => owned)
    const line = (text: string) => text.split('\n').filter((one) => one.startsWith('tidemark_lag_records{'))
    const labels = '{topic="points",partition="0"}'
    expect(line(await metrics.expose())).toEqual([`tidemark_lag_records${labels} 2`])
    end = 9
    expect(line(await metrics.expose())).toEqual([`tidemark_lag_records${labels} 4`])
    end = undefined
    owned = [at(8)]
    expect(line(await metrics.expose())).toEqual([`tidemark_lag_records${labels} 1`])
    owned = []
    expect(line(await metrics.expose())).toEqual([])
  })
})
