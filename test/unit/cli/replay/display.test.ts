import { describe, expect, it } from 'vitest'
import { duration, progressText, Speed } from '../../../../cli/replay/display.ts'

describe('the progress of a replay', () => {
  const stages = [
    { name: 'normalize', done: 500, total: 2_000 },
    { name: 'store', done: 0, total: 0 },
  ]

  it('has a bar, a rate and the time that is left', () => {
    expect(progressText(stages, 100, 8)).toBe(
      'normalize ██░░░░░░ 25 % of 2,000 raw records, 100/s, 15 s left · store –',
    )
  })

  it('is plain without a terminal, and says no time when nothing moves', () => {
    expect(progressText(stages, 0, 0)).toBe('normalize 25 % of 2,000 raw records · store –')
  })

  it('goes by the speed of the last seconds', () => {
    const speed = new Speed()
    expect(speed.of(0, 0)).toBe(0)
    expect(speed.of(1_000, 1_000)).toBe(1_000)
    expect(speed.of(1_000, 21_000)).toBe(0)
  })

  it('says times as people do', () => {
    expect([4_000, 200_000, 7_500_000].map(duration)).toEqual(['4 s', '3 min 20 s', '2 h 5 min'])
  })
})
