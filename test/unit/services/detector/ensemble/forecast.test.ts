import { describe, expect, it } from 'vitest'
import { ensemble } from '../../../../../services/detector/ensemble/ensemble.ts'
import { gaussian } from '../../../../support/gaussian.ts'

const hourMs = 3_600_000
const stepMs = hourMs / 4

/** Mean distance of what was expected from what came without its noise, over the last of so many days. */
function errorOf(days: number, shape: (hour: number) => number): number {
  const next = gaussian(2)
  const detector = ensemble.create(stepMs)
  const count = (days * 24 * hourMs) / stepMs
  let sum = 0
  for (let i = 0; i < count; i++) {
    const clean = shape((i * stepMs) / hourMs)
    const { expected } = detector.observe(i * stepMs, clean + next(), false)
    if (i >= count - 96) sum += Math.abs(expected - clean) / 96
  }
  return sum
}

describe('what is expected', () => {
  it('is the level of steady values', () => {
    expect(errorOf(4, () => 50)).toBeLessThan(0.5)
  })

  it('follows a trend', () => {
    expect(errorOf(4, (hour) => 4 * hour)).toBeLessThan(1.5)
  })

  it('finds the hours of the day', () => {
    // From 09:00 to 17:00 it is another world: no level follows that in time.
    const office = (hour: number) => (hour % 24 >= 9 && hour % 24 < 17 ? 100 : 0)
    expect(errorOf(6, office)).toBeLessThan(3)
  })

  it('finds the days of the week', () => {
    const office = (hour: number) =>
      hour % 24 >= 9 && hour % 24 < 17 && Math.floor(hour / 24) % 7 < 5 ? 100 : 0
    expect(errorOf(7 * 5, office)).toBeLessThan(6)
    expect(errorOf(7 * 5 + 3, office)).toBeLessThan(6)
  })
})
