import type { EventTime } from '../../../shared/stream/task.ts'
import type { Account } from './account.ts'
import { fairShares } from './fair-shares.ts'
import type { Tenant } from './tenant.ts'
import { type Resource, resources, type Terms } from './terms.ts'

/** Which limit a tenant has come to: its own quota, or its share of the capacity. */
export interface Excess {
  readonly resource: Resource | 'series'
  readonly of: 'quota' | 'share'
  /** What it may use here, a second or in a window. */
  readonly limit: number
}

interface AccountOptions {
  /** Of all tenants together, a second, in this partition; Infinity when it is not limited. */
  readonly capacity: Readonly<Record<Resource, number>>
  readonly burstSeconds: number
  readonly maxTenants: number
  /** Tenants that have a place of their own, by key. */
  readonly named: ReadonlySet<string>
  /** Accounts that may be needed for tenants beyond `maxTenants`. */
  readonly sharedAccounts: number
  /** Series are counted in windows: then places are given anew with each of them only, since who has shown series keeps its place. */
  readonly hasWindows: boolean
  termsAt(index: number): Terms
}

/** Nobody is owed more than what came back in an hour, so that numbers stay small. */
const maxPause = 3_600
/** A clock that goes back by more had been wrong before. */
const maxSetBack = 60

/**
 * Counts what tenants use, as debts: what is used is added, and each second of the log's own time pays back what the
 * quota allows, or the fair share of the capacity. A tenant is let in while it owes less than its burst, be the record
 * as large as it may: so none is too large to come in ever. All numbers are whole, so that what is written into the
 * memo is all there is, and a restart decides as if there had been none.
 */
export class Accounts {
  readonly #options: AccountOptions
  readonly #accounts = new Map<string, Account>()
  /** Of those that owe something. */
  readonly #activeWeight: Record<Resource, number> = { points: 0, bytes: 0 }
  /** Of the log. */
  #second: number | undefined

  /** `memo` is the `memo` of the accounts before. Throws RangeError when it is damaged. */
  constructor(options: AccountOptions, memo = '') {
    this.#options = options
    if (memo === '') return
    const [second = '', ...entries] = memo.split(',')
    this.#second = numberOf(second)
    for (const entry of entries) {
      const [, key, index = '', points, bytes = '0'] =
        /^([\da-z-]{7})([\da-z]{0,2})\.([\da-z]{1,9})(?:\.([\da-z]{1,9}))?$/.exec(entry) ?? []
      if (key === undefined) throw new RangeError(`“${entry.slice(0, 40)}” is not what a tenant has used`)
      const terms = options.termsAt(index === '' ? -1 : numberOf(index))
      const used = { points: numberOf(points!), bytes: numberOf(bytes) }
      this.#accounts.set(key, { terms, ...used, series: new Set(), isClosed: false })
    }
    this.#weigh()
  }

  /** The log's clock stands here: the timestamp of a record, milliseconds. */
  advance(timestamp: EventTime): void {
    const second = Math.floor(timestamp / 1_000)
    const passed = second - (this.#second ?? second)
    if (passed > 0) this.#payBack(Math.min(passed, maxPause))
    if (passed > 0 || passed < -maxSetBack || this.#second === undefined) this.#second = second
  }

  /** Where the log's clock stands, in seconds. */
  get second(): number {
    return this.#second ?? 0
  }

  /** Series that the tenant has shown in this window: to be added to. */
  seriesOf(tenant: Tenant): Set<number> {
    return this.#accountOf(tenant).series
  }

  /** Series are counted from the beginning. */
  beginWindow(): void {
    for (const { series } of this.#accounts.values()) series.clear()
    this.#closeUnused()
  }

  /** The limit that the tenant has come to, if any. */
  excessOf(tenant: Tenant): Excess | undefined {
    if (this.#isUnlimited(tenant, 'points') && this.#isUnlimited(tenant, 'bytes')) return undefined
    const account = this.#accountOf(tenant)
    for (const resource of resources) {
      if (account[resource] === 0) continue
      const excess = this.#excessIn(account, resource)
      if (excess) return excess
    }
    return undefined
  }

  /** The tenant has used so much. What nothing limits is not counted. */
  charge(tenant: Tenant, points: number, bytes: number): void {
    if (points > 0) this.#charge(tenant, 'points', points)
    if (bytes > 0) this.#charge(tenant, 'bytes', bytes)
  }

  /** `second,` and of each tenant that owes something `key index.points.bytes`, numbers in base 36; see maxAccountMemo. */
  get memo(): string {
    const entries: string[] = []
    for (const [key, account] of this.#accounts) {
      const { terms, points, bytes } = account
      if (!owes(account)) continue
      const index = terms.index < 0 ? '' : textOf(terms.index)
      entries.push(`${key}${index}.${textOf(points)}${bytes > 0 ? `.${textOf(bytes)}` : ''}`)
    }
    return entries.length === 0 ? '' : [textOf(this.#second!), ...entries].join()
  }

  #charge(tenant: Tenant, resource: Resource, amount: number): void {
    if (this.#isUnlimited(tenant, resource)) return
    const account = this.#accountOf(tenant)
    if (account[resource] === 0) this.#activeWeight[resource] += account.terms.weight
    account[resource] += amount
  }

  #isUnlimited({ terms }: Tenant, resource: Resource): boolean {
    return terms[resource] === Infinity && this.#options.capacity[resource] === Infinity
  }

  /** How many seconds' worth may be used at once is the same for all: with many at work, each one's part is smaller. */
  #excessIn(account: Account, resource: Resource): Excess | undefined {
    const { capacity, burstSeconds } = this.#options
    const { terms } = account
    const used = account[resource]
    const share = (capacity[resource] * terms.weight) / this.#activeWeight[resource]
    if (used >= burstSeconds * terms[resource]) return { resource, of: 'quota', limit: terms[resource] }
    if (used >= burstSeconds * share) return { resource, of: 'share', limit: Math.floor(share) }
    return undefined
  }

  #payBack(seconds: number): void {
    const { capacity } = this.#options
    for (const resource of resources) {
      if (this.#activeWeight[resource] === 0) continue
      const owing = [...this.#accounts].filter(([, account]) => account[resource] > 0)
      const claims = owing.map(([key, account]) => ({
        key,
        want: Math.min(account[resource], account.terms[resource] * seconds),
        weight: account.terms.weight,
      }))
      const total = capacity[resource] * seconds
      const shares = total === Infinity ? claims.map(({ want }) => want) : fairShares(total, claims)
      for (const [index, [, account]] of owing.entries()) account[resource] -= shares[index]!
    }
    this.#weigh()
  }

  /** Tenants that owe nothing are as new: they are forgotten when others need their place. */
  #accountOf(tenant: Tenant): Account {
    const { account } = tenant
    return account && !account.isClosed ? account : this.#findFor(tenant)
  }

  #findFor(tenant: Tenant): Account {
    const { key, isNamed, terms } = tenant
    const own = this.#accounts.get(key)
    if (own || isNamed || this.#makeRoom()) {
      tenant.account = own ? this.#under(terms, own) : this.#open(key, terms)
      return tenant.account
    }
    const shared = `-${textOf(terms.index + 1).padStart(6, '0')}`
    return this.#accounts.get(shared) ?? this.#open(shared, terms)
  }

  /** Whether there is a place for one more, now that those are free that owe nothing. */
  #makeRoom(): boolean {
    if (this.#hasRoom()) return true
    if (this.#options.hasWindows) return false
    this.#closeUnused()
    return this.#hasRoom()
  }

  #closeUnused(): void {
    for (const [key, account] of this.#accounts) {
      if (owes(account) || this.#options.named.has(key)) continue
      account.isClosed = true
      this.#accounts.delete(key)
    }
  }

  /** Each tenant that a quota names keeps a place, as does each account that others may have to share. */
  #hasRoom(): boolean {
    const { maxTenants, named, sharedAccounts } = this.#options
    let others = 0
    for (const key of this.#accounts.keys()) if (!named.has(key) && key[0] !== '-') others++
    return others < maxTenants - named.size - sharedAccounts
  }

  #open(key: string, terms: Terms): Account {
    const account = { terms, points: 0, bytes: 0, series: new Set<number>(), isClosed: false }
    this.#accounts.set(key, account)
    return account
  }

  /** The configuration may have changed since the account was written down. */
  #under(terms: Terms, account: Account): Account {
    if (account.terms === terms) return account
    account.terms = terms
    this.#weigh()
    return account
  }

  #weigh(): void {
    for (const resource of resources) {
      let weight = 0
      for (const account of this.#accounts.values()) if (account[resource] > 0) weight += account.terms.weight
      this.#activeWeight[resource] = weight
    }
  }
}

const owes = ({ points, bytes }: Account) => points > 0 || bytes > 0

const textOf = (number: number) => number.toString(36)

function numberOf(text: string): number {
  const number = /^[\da-z]{1,9}$/.test(text) ? Number.parseInt(text, 36) : Number.NaN
  if (Number.isNaN(number)) throw new RangeError(`“${text.slice(0, 40)}” is no number of an account`)
  return number
}
