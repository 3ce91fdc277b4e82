import { describe, expect, it } from 'vitest'
import { ensemble } from '../../../../../services/detector/ensemble/ensemble.ts'
import { gaussian } from '../../../../support/gaussian.ts'

const alarm = 1 - 1e-6

/** The windows of 10 s that are alarming. */
function alarmsOf(values: readonly number[]): readonly number[] {
  const detector = ensemble.create(10_000)
  return values.flatMap((value, window) => {
    const { likelihood, isSure } = detector.observe(window * 10_000, value, false)
    return isSure && likelihood >= alarm ? [window] : []
  })
}

describe('a flat line', () => {
  it.each([0, 7])('is none where the series was never seen to move: %d', (value) => {
    expect(alarmsOf(Array.from({ length: 2_000 }, () => value))).toEqual([])
  })

  it.each([150, 1_500])('is told within a few windows after %d that moved', (moving) => {
    const next = gaussian(1)
    const values = Array.from({ length: moving + 6 }, (_, i) => (i < moving ? 100 + 5 * next() : 101))
    expect(alarmsOf(values)[0]).toBeGreaterThan(moving)
  })
})
