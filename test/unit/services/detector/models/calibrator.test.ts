import { describe, expect, it } from 'vitest'
import { Calibrator } from '../../../../../services/detector/models/calibrator.ts'
import { Layout } from '../../../../../services/detector/models/cells.ts'
import { gaussian } from '../../../../support/gaussian.ts'
import { seededRandom } from '../../../../support/random.ts'

/** A calibrator that was made for Gaussian noise, and has learnt these distances. */
function learnt(count: number, distance: () => number) {
  const layout = new Layout()
  const calibrator = new Calibrator(layout, { usual: 2.33, excess: 0.37 })
  const cells = layout.cells()
  for (let i = 0; i < count; i++) calibrator.learn(cells, distance())
  return (of: number) => calibrator.surprise(cells, of)
}

describe('the calibrator', () => {
  it.each([1, 5, 40])('tells the chance of a distance, whatever its unit: %d', (unit) => {
    const random = seededRandom(3)
    const surprise = learnt(20_000, () => -unit * Math.log(1 - random()))
    // The chance of an exponential distance above x units is e^-x.
    for (const distance of [5, 8, 12]) {
      expect(surprise(distance * unit)).toBeGreaterThan(0.7 * distance)
      expect(surprise(distance * unit)).toBeLessThan(1.3 * distance)
    }
  })

  it('does not understate a Gaussian distance’s chance', () => {
    const next = gaussian(3)
    const surprise = learnt(20_000, () => Math.abs(next()))
    expect(surprise(2)).toBe(0)
    // 6 standard deviations: 2e-9, which is 20 nats; an exponential tail is more careful.
    expect(surprise(6)).toBeGreaterThan(11)
    expect(surprise(6)).toBeLessThan(20)
  })

  it('takes an incident for one lesson, however long it is', () => {
    const next = gaussian(3)
    let count = 0
    const surprise = learnt(10_200, () => (count++ < 10_000 ? Math.abs(next()) : 9))
    expect(surprise(9)).toBeGreaterThan(Math.log(1e6))
  })

  it('gets used to what lasts', () => {
    const next = gaussian(3)
    let count = 0
    const surprise = learnt(30_000, () => (count++ < 10_000 ? Math.abs(next()) : 9 + next()))
    expect(surprise(9)).toBeLessThan(Math.log(1e6))
  })
})
