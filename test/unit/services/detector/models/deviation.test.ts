import { describe, expect, it } from 'vitest'
import { ensemble } from '../../../../../services/detector/ensemble/ensemble.ts'

const alarm = 1 - 1e-6

/** The windows of 10 s that are alarming. */
function alarmsOf(values: readonly number[]): readonly number[] {
  const detector = ensemble.create(10_000)
  return values.flatMap((value, window) => {
    const { likelihood, isSure } = detector.observe(window * 10_000, value, false)
    return isSure && likelihood >= alarm ? [window] : []
  })
}

/** A series that stays as it is, but for a value in each 500. */
const blips = (usual: number, blip: number) =>
  Array.from({ length: 8_640 }, (_, i) => (i % 500 === 499 ? blip : usual))

describe('of a series that mostly stays as it is', () => {
  it.each([
    [0, 1],
    [100, 99],
    [0, 400],
  ])('what comes again and again is told a few times: %d, and rarely %d', (usual, blip) => {
    const alarms = alarmsOf(blips(usual, blip))
    expect(alarms[0]).toBe(499)
    expect(alarms.length).toBeLessThanOrEqual(5)
  })

  it('what is three times as far is told', () => {
    const values = blips(0, 1)
    values[8_200] = 3
    expect(alarmsOf(values)).toContain(8_200)
  })

  it('one wrong value hides no other', () => {
    const values = blips(0, 1)
    values[5_000] = 1e12
    values[8_200] = 100
    expect(alarmsOf(values)).toContain(8_200)
  })
})
