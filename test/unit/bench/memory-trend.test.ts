import { describe, expect, it } from 'vitest'
import { memoryTrend, minuteByMinute } from '../../../bench/harness/memory-trend.ts'

describe('the trend of memory', () => {
  const filling = [0, 0.5, 1, 1.5].map((minutes) => ({ minutes, bytes: 1_000 * minutes }))

  it('is the slope of what comes after the warm-up', () => {
    const later = [2, 3, 4, 5].map((minutes) => ({ minutes, bytes: 5_000 + 10 * minutes }))
    expect(memoryTrend([...filling, ...later], 2)).toEqual({
      rss_slope_bytes_per_min: 10,
      rss_mean_bytes: 5_035,
      rss_max_bytes: 5_050,
    })
  })

  it('is none where memory goes up and down around the same mean', () => {
    const around = [2, 3, 4, 5, 6].map((minutes) => ({ minutes, bytes: minutes % 2 ? 900 : 1_100 }))
    expect(memoryTrend(around, 2).rss_slope_bytes_per_min).toBe(0)
  })

  it('is shown minute by minute', () => {
    expect(minuteByMinute(filling)).toEqual([
      { minute: 0, rss_bytes: 250 },
      { minute: 1, rss_bytes: 1_250 },
    ])
  })
})
