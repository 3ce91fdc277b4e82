import { describe, expect, it } from 'vitest'
import { begin, detect, detectorSettings, sizeMs, windowAt } from '../../../../support/detector.ts'
import { gaussian } from '../../../../support/gaussian.ts'

const next = gaussian(7)
const noise = Float64Array.from({ length: 4_000 }, () => next())
const config = detectorSettings({
  model: 'ensemble',
  limits: [{ metric: 'memory.*', where: {}, limit: 1_000 }],
})

/** Windows of a series that is at 100 and rises by `slope` a window from the `from`-th on. */
const windows = (count: number, slope: number, from: number, metric = 'memory.used') =>
  Array.from({ length: count }, (_, i) =>
    windowAt(i, 100 + 2 * noise[i]! + slope * Math.max(0, i - from), { metric }),
  )

describe('a series that goes to its limit', () => {
  it('says when it meets it, and again when that has changed', () => {
    const leak = windows(1_500, 1, 800)
    const meetings = detect(leak, config).filter(({ reachesLimitAt }) => reachesLimitAt !== null)
    const meets = begin + (800 + 900) * sizeMs
    const last = meetings.at(-1)!
    expect(last).toMatchObject({ limit: 1_000, kind: 'trend', direction: 'above' })
    expect(Math.abs(last.reachesLimitAt! - meets)).toBeLessThan(0.05 * 900 * sizeMs)
    expect(last.reachesLimitEarliest).toBeLessThan(meets)
    expect(last.reachesLimitLatest).toBeGreaterThan(meets)
    expect(last.message).toMatch(
      /mean keeps drifting and is at \d+.*; at this rate it meets its limit of 1000 in \d+ min \(\d+ min to \d+ min\), at 2023-11-1/,
    )
  })

  it('is no anomaly for that while the limit is far, and is one by itself when it is near', () => {
    const always = windows(2_600, 0.3, 0)
    const [first] = detect(always, config).filter(({ kind }) => kind === 'trend')
    // The line is believed for as long as it was seen, four hours at most.
    expect(first!.windowStart - begin).toBeGreaterThan(3_600_000)
    expect(first!.reachesLimitLatest! - first!.windowStart).toBeLessThanOrEqual(4 * 3_600_000)
    expect(first!.contributions).toEqual([{ model: 'trend', share: 1 }])
    expect(detect(windows(2_600, 0.3, 0, 'other'), config).map(({ kind }) => kind)).not.toContain('trend')
  })

  it('goes nowhere when it is over', () => {
    const mended = [...windows(1_500, 1, 800), ...windows(2_200, 0, 0).slice(1_500)]
    const anomalies = detect(mended, config)
    const { id } = anomalies.find(({ limit }) => limit !== null)!
    const last = anomalies.findLast((one) => one.id === id)!
    expect(last).toMatchObject({ state: 'closed', limit: null, reachesLimitAt: null })
    expect(last.message).not.toContain('limit')
  })
})
