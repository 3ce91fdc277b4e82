import { describe, expect, it } from 'vitest'
import { type ClockTimes, Lease } from '../../../shared/kafka/lease.ts'

/** Clocks that show the same, as they mostly do. */
const both = (ms: number): ClockTimes => ({ wall: ms, steady: ms })

describe('Lease', () => {
  it('is not held before the group has answered', () => {
    expect(new Lease(6_000, () => both(0)).lapse()).toBeInstanceOf(Promise)
  })

  it('holds for half a session from when the answered request was sent', () => {
    let now = 1_000
    const lease = new Lease(6_000, () => both(now))
    lease.answered(900)
    lease.renew()
    now = 3_899
    expect(lease.lapse()).toBeUndefined()
    now = 3_900
    expect(lease.lapse()).toBeInstanceOf(Promise)
  })

  it('is not renewed by an answer that a standstill has made old', async () => {
    let now = 1_000
    const lease = new Lease(6_000, () => both(now))
    lease.answered(1_000)
    lease.renew()
    now = 20_000
    let renewed = false
    const lapse = lease.lapse()!.then(() => {
      renewed = true
    })
    lease.answered(1_500)
    lease.renew()
    await Promise.resolve()
    expect({ renewed, held: lease.lapse() === undefined }).toEqual({ renewed: false, held: false })
    lease.answered(20_000)
    lease.renew()
    await lapse
    expect({ renewed, held: lease.lapse() === undefined }).toEqual({ renewed: true, held: true })
  })
  it('is over though the time of day was set back', () => {
    let times = both(1_000)
    const lease = new Lease(6_000, () => times)
    lease.answered(1_000)
    lease.renew()
    times = { wall: 500, steady: 3_999 }
    expect(lease.lapse()).toBeUndefined()
    times = { wall: 1_000, steady: 4_000 }
    expect(lease.lapse()).toBeInstanceOf(Promise)
  })

  it('is over when the machine was suspended, though only the time of day has gone on', () => {
    let times = both(1_000)
    const lease = new Lease(6_000, () => times)
    lease.answered(1_000)
    lease.renew()
    times = { wall: 61_000, steady: 1_001 }
    expect(lease.lapse()).toBeInstanceOf(Promise)
  })

  it('is not renewed by an answer during which the time of day was set back, but by the next one', () => {
    let times = both(10_000)
    const lease = new Lease(6_000, () => times)
    lease.answered(10_000)
    lease.renew()
    times = { wall: 9_000, steady: 13_000 }
    lease.answered(12_500)
    lease.renew()
    expect(lease.lapse()).toBeInstanceOf(Promise)
    lease.answered(9_000)
    lease.renew()
    expect(lease.lapse()).toBeUndefined()
  })
})
