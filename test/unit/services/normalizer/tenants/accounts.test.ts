import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { Accounts } from '../../../../../services/normalizer/tenants/accounts.ts'
import { Tenants } from '../../../../../services/normalizer/tenants/tenant.ts'
import {
  maxAccountMemo,
  type TenantSettings,
} from '../../../../../services/normalizer/tenants/tenant-settings.ts'

const second = 1_000
const begin = 1_700_000_000_000

const settingsOf = (tenants: object): TenantSettings =>
  normalizerSection.schema.parse({ tenants: { from: 'header', ...tenants } }).tenants

function open(settings: TenantSettings, memo?: string) {
  const tenants = new Tenants(settings, 1)
  const named = new Set(
    settings.quotas.flatMap(({ tenant }) => (tenant.includes('*') ? [] : [tenants.of(tenant).key])),
  )
  const accounts = new Accounts(
    {
      capacity: {
        points: settings.capacity.pointsPerSecond ?? Infinity,
        bytes: settings.capacity.bytesPerSecond ?? Infinity,
      },
      burstSeconds: settings.burstSeconds,
      maxTenants: settings.maxTenants,
      named,
      hasWindows: false,
      sharedAccounts: settings.quotas.length - named.size + 1,
      termsAt: (index) => tenants.termsAt(index),
    },
    memo,
  )
  /** Whether so many points come in; then they are charged. */
  const take = (name: string, points: number) => {
    const tenant = tenants.of(name)
    if (accounts.excessOf(tenant)) return false
    accounts.charge(tenant, points, 0)
    return true
  }
  return { accounts, take, excessOf: (name: string) => accounts.excessOf(tenants.of(name)) }
}

/** For each second, who sends how many records of one point, taken in turn; what came in of each in all. */
function admitted(
  settings: TenantSettings,
  seconds: number,
  rates: Readonly<Record<string, number>>,
): Record<string, number> {
  const { accounts, take } = open(settings)
  const came = Object.fromEntries(Object.keys(rates).map((name) => [name, 0]))
  const most = Math.max(...Object.values(rates))
  for (let at = 0; at < seconds; at++) {
    accounts.advance(begin + at * second)
    for (let turn = 0; turn < most; turn++)
      for (const [name, rate] of Object.entries(rates)) if (turn < rate && take(name, 1)) came[name]!++
  }
  return came
}

describe('a quota', () => {
  const quotas = [{ tenant: '*', pointsPerSecond: 10 }]

  it('lets a burst in, then what the quota allows', () => {
    expect(admitted(settingsOf({ quotas, burstSeconds: 5 }), 20, { a: 100 })).toEqual({ a: 5 * 10 + 19 * 10 })
  })

  it('is each tenant’s own', () => {
    expect(admitted(settingsOf({ quotas, burstSeconds: 1 }), 10, { a: 100, b: 5 })).toEqual({ a: 100, b: 50 })
  })

  it('lets in a record that is larger than any burst, and then nothing until it is paid back', () => {
    const { accounts, take, excessOf } = open(settingsOf({ quotas, burstSeconds: 1 }))
    accounts.advance(begin)
    expect(take('a', 45)).toBe(true)
    for (const [seconds, comesIn] of [
      [1, false],
      [3, false],
      [4, true],
    ] as const) {
      accounts.advance(begin + seconds * second)
      expect([seconds, excessOf('a') === undefined]).toEqual([seconds, comesIn])
    }
  })

  it('takes the first that matches, and limits nobody whom none matches', () => {
    const some = settingsOf({
      burstSeconds: 1,
      quotas: [
        { tenant: 'a', pointsPerSecond: 1 },
        { tenant: 'a*', pointsPerSecond: 2 },
      ],
    })
    expect(admitted(some, 1, { a: 9, ab: 9, b: 9 })).toEqual({ a: 1, ab: 2, b: 9 })
  })

  it('goes on when the log’s clock goes back a little, and when it was far ahead', () => {
    const { accounts, take } = open(settingsOf({ quotas, burstSeconds: 1 }))
    accounts.advance(begin)
    take('a', 30)
    accounts.advance(begin - 5 * second)
    accounts.advance(begin + second)
    expect(take('a', 1)).toBe(false)
    accounts.advance(begin + 900 * second)
    take('a', 30)
    accounts.advance(begin)
    expect(take('a', 1)).toBe(false)
    accounts.advance(begin + 3 * second)
    expect(take('a', 1)).toBe(true)
  })
})

describe('a shared capacity', () => {
  const capacity = { pointsPerSecond: 100 }
  const perSecond = (came: Readonly<Record<string, number>>, seconds: number) =>
    Object.fromEntries(Object.entries(came).map(([name, count]) => [name, Math.round(count / seconds)]))

  it.each([
    ['all of it to who is alone', { a: 300 }, {}, { a: 100 }],
    ['equal parts to equals', { a: 300, b: 300 }, {}, { a: 50, b: 50 }],
    ['what one leaves to the others', { a: 10, b: 300, c: 300 }, {}, { a: 10, b: 45, c: 45 }],
    ['parts by weight', { a: 300, b: 300 }, { quotas: [{ tenant: 'a', weight: 3 }] }, { a: 75, b: 25 }],
    [
      'no more than its own quota to anybody',
      { a: 300, b: 300 },
      { quotas: [{ tenant: 'a', pointsPerSecond: 20 }] },
      { a: 20, b: 80 },
    ],
  ])('gives %s', (_, rates, more, expected) => {
    // Long enough that the burst at the beginning does not count.
    const seconds = 400
    const came = admitted(settingsOf({ capacity, burstSeconds: 2, ...more }), seconds, rates)
    const shown = perSecond(came, seconds)
    for (const [name, wanted] of Object.entries(expected))
      expect(Math.abs(shown[name]! - wanted)).toBeLessThan(2)
  })

  it('never parks who sends less than its share, whatever the others do', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 4 }), (others) => {
        const rates = Object.fromEntries(others.map((rate, index) => [`noisy${index}`, rate]))
        const share = Math.floor(100 / (others.length + 1))
        const came = admitted(settingsOf({ capacity, burstSeconds: 2 }), 30, { ...rates, quiet: share })
        expect(came.quiet).toBe(30 * share)
      }),
      { numRuns: 50 },
    )
  })
})

describe('the memo', () => {
  const anySettings = fc.constantFrom(
    settingsOf({ burstSeconds: 2, maxTenants: 4, quotas: [{ tenant: '*', pointsPerSecond: 5 }] }),
    settingsOf({
      burstSeconds: 1,
      maxTenants: 5,
      quotas: [
        { tenant: 'a', pointsPerSecond: 3, weight: 2 },
        { tenant: 'b*', pointsPerSecond: 4 },
      ],
      capacity: { pointsPerSecond: 12 },
    }),
  )
  const anyUse = fc.array(
    fc.record({
      tenant: fc.constantFrom('a', 'b', 'b1', 'b2', 'c', 'd', 'e', 'f', 'g'),
      points: fc.integer({ min: 0, max: 20 }),
      apart: fc.constantFrom(0, 0, 300, 1_000, 2_500, -400, -90_000),
    }),
    { maxLength: 80 },
  )

  it('holds all that later decisions depend on', () => {
    fc.assert(
      fc.property(anySettings, anyUse, fc.array(fc.nat(79), { maxLength: 8 }), (settings, uses, restarts) => {
        const decide = (isInterrupted: boolean) => {
          let { accounts, take } = open(settings)
          let clock = begin
          return uses.map(({ tenant, points, apart }, index) => {
            if (isInterrupted && restarts.includes(index))
              ({ accounts, take } = open(settings, accounts.memo))
            clock += apart
            accounts.advance(clock)
            return take(tenant, points)
          })
        }
        expect(decide(true)).toEqual(decide(false))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is empty when nobody owes anything, and bounded however many tenants there are', () => {
    const settings = settingsOf({
      maxTenants: 20,
      burstSeconds: 60,
      quotas: [{ tenant: '*', pointsPerSecond: 100_000_000, bytesPerSecond: 10_000_000_000 }],
    })
    const { accounts, take } = open(settings)
    const tenants = new Tenants(settings, 1)
    accounts.advance(begin)
    for (let i = 0; i < 1_000; i++) {
      take(`t${i}`, 6_000_000_000 - 1)
      accounts.charge(tenants.of(`t${i}`), 0, 600_000_000_000)
    }
    expect(accounts.memo.split(',').length).toBe(20)
    expect(accounts.memo.length).toBeLessThan(20 * maxAccountMemo)
    accounts.advance(begin + 1e9)
    for (let hours = 0; hours < 1_000; hours++) accounts.advance(begin + 1e9 + hours * 3_600_000)
    expect(accounts.memo).toBe('')
  })

  it('is refused when it is damaged', () => {
    const settings = settingsOf({ quotas: [{ tenant: '*', pointsPerSecond: 5 }] })
    for (const memo of ['oops!', 'a,short.1', 'a,0123456.', 'a,0123456zzz.1']) {
      expect(() => open(settings, memo)).toThrow(RangeError)
    }
  })
})
