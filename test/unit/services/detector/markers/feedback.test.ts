import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Feedback,
  isConfirmed,
  isFarther,
  shiftOf,
} from '../../../../../services/detector/markers/feedback.ts'

const threshold = Math.log(1e6)
const halfLifeMs = 1_000
const said = (verdict: Feedback['verdict'], start: number, surprise = 30): Feedback => ({
  verdict,
  start,
  end: null,
  direction: 'above',
  surprise,
  distance: 100,
})
const shiftAt = (time: number, all: readonly Feedback[]) =>
  shiftOf(all, 'above', time, { threshold, halfLifeMs })

describe('what was said of anomalies', () => {
  it('moves the threshold beyond what was expected, from its start on, and half of that goes in time', () => {
    const all = [said('expected', 0)]
    expect(shiftAt(-1, all)).toBe(0)
    expect(threshold + shiftAt(0, all)).toBeCloseTo(1.25 * 30)
    expect(shiftAt(halfLifeMs, all)).toBeCloseTo(shiftAt(0, all) / 2)
    expect(shiftOf(all, 'below', 0, { threshold, halfLifeMs })).toBe(0)
  })

  it('never lowers it by an anomaly that was expected, nor adds up', () => {
    const once = [said('expected', 0)]
    expect(shiftAt(0, [...once, said('expected', 0, 20)])).toBe(shiftAt(0, once))
    expect(shiftAt(0, [said('expected', 0, 1)])).toBe(0)
  })

  it('lets ten times more windows be alarms after an anomaly that was real', () => {
    expect(shiftAt(10, [said('expected', 0), said('real', 10)])).toBeCloseTo(-Math.log(10))
    expect(shiftAt(10, [said('real', 0), said('expected', 10)])).toBeGreaterThan(0)
  })

  it('does not cover what is a quarter farther away, where that says something', () => {
    const all = [said('expected', 0), { ...said('expected', 10), distance: 60 }, said('real', 20)]
    const farther = (distance: number, of = all) => isFarther(of, 'above', 30, distance)
    expect([124, 126].map((distance) => farther(distance))).toEqual([false, true])
    expect(isFarther(all, 'above', -1, 0.1)).toBe(true)
    expect(isFarther(all, 'below', 30, 0.1)).toBe(true)
    expect(farther(1e9, [...all, { ...said('expected', 25), distance: null }])).toBe(false)
    expect(farther(Number.NaN)).toBe(false)
  })

  it('stays in bounds whatever is said', () => {
    const any = fc.record({
      verdict: fc.constantFrom('expected' as const, 'real' as const),
      start: fc.integer({ min: -10_000, max: 10_000 }),
      end: fc.constant(null),
      direction: fc.constantFrom('above' as const, 'below' as const),
      surprise: fc.double({ min: 0, max: Infinity, noNaN: true }),
      distance: fc.constant(null),
    })
    fc.assert(
      fc.property(fc.array(any, { maxLength: 16 }), fc.integer({ min: -20_000, max: 1e9 }), (all, time) => {
        const shift = shiftAt(
          time,
          all.toSorted((a, b) => a.start - b.start),
        )
        expect(shift).toBeGreaterThanOrEqual(-Math.log(10) - 1e-9)
        expect(shift).toBeLessThanOrEqual(2_000)
      }),
    )
  })

  it('says which windows are not learnt: those of an anomaly that is over, or goes on, but for a day', () => {
    const over = { ...said('real', 100), end: 200 }
    expect([99, 100, 199, 200].map((time) => isConfirmed([over], time, undefined))).toEqual([
      false,
      true,
      true,
      false,
    ])
    const open = [said('real', 100)]
    expect(isConfirmed(open, 100, undefined)).toBe(true)
    expect(isConfirmed(open, 300, 100)).toBe(true)
    expect(isConfirmed(open, 300, 200)).toBe(false)
    expect(isConfirmed(open, 300, undefined)).toBe(false)
    expect(isConfirmed(open, 100 + 86_400_000, 100)).toBe(false)
    expect(isConfirmed([said('expected', 100)], 100, 100)).toBe(false)
  })
})
