import { describe, expect, it } from 'vitest'
import { Lease } from '../../../shared/kafka/lease.ts'

describe('Lease', () => {
  it('is not held before the group has answered', () => {
    expect(new Lease(6_000, () => 0).lapse()).toBeInstanceOf(Promise)
  })

  it('holds for half a session from when the answered request was sent', () => {
    let now = 1_000
    const lease = new Lease(6_000, () => now)
    lease.answered(900)
    lease.renew()
    now = 3_899
    expect(lease.lapse()).toBeUndefined()
    now = 3_900
    expect(lease.lapse()).toBeInstanceOf(Promise)
  })

  it('is not renewed by an answer that a standstill has made old', async () => {
    let now = 1_000
    const lease = new Lease(6_000, () => now)
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
})
