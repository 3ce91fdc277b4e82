import { keyOf } from '../../../shared/series/known-series.ts'
import { Fingerprint } from '../duplicates/fingerprint.ts'
import type { SeriesRef } from '../series-cache.ts'
import type { Accounts, Excess } from './accounts.ts'
import type { Tenant } from './tenant.ts'

/** A series that its tenant has not shown in this window before. */
interface NewSeries {
  readonly ref: SeriesRef
  readonly tenant: Tenant
  readonly print: number
  readonly shown: Set<number>
}

/** A tenant that would show more series than it may. */
export interface Overrun {
  readonly tenant: Tenant
  readonly excess: Excess
}

/**
 * Counts how many series each tenant shows in a window of the log's time. All windows begin without any, so that the log, read
 * again from where the window began, gives the same counts. Fingerprints have 53 bits: in one of 18,000 windows with a
 * million series two of them pass for one.
 */
export class ShownSeries {
  readonly #accounts: Accounts
  readonly #windowSeconds: number
  readonly #print = new Fingerprint()
  #window: number | undefined
  /** Of this window, for the series to remember; no other window of this task has had it. */
  #serial = 0

  constructor(accounts: Accounts, windowMs: number) {
    this.#accounts = accounts
    this.#windowSeconds = Math.floor(windowMs / 1_000)
  }

  /** Follows the clock of the accounts; whether another window begins. */
  follow(): boolean {
    const window = Math.floor(this.#accounts.second / this.#windowSeconds)
    if (window === this.#window) return false
    this.#window = window
    this.#serial++
    this.#accounts.beginWindow()
    return true
  }

  /**
   * Takes note of the first `count` series, those of one part: of all or, if their tenants would have too many, of none.
   * They are all of `tenant`, or each of its owner.
   */
  show(refs: readonly SeriesRef[], count: number, tenant: Tenant | undefined): Overrun | undefined {
    let found: NewSeries[] | undefined
    for (let i = 0; i < count; i++) {
      const ref = refs[i]!
      if (ref.shownIn === this.#serial) continue
      const one = this.#ifNew(ref, tenant ?? ref.owner!)
      if (!one) ref.shownIn = this.#serial
      else if (found) found.push(one)
      else found = [one]
    }
    if (!found) return undefined
    for (const [shown, group] of Map.groupBy(found, (one) => one.shown)) {
      const { tenant } = group[0]!
      const more = new Set(group.map(({ print }) => print)).size
      // What alone is more than the quota must come in at some time: when it is the first of a window.
      if (shown.size > 0 && shown.size + more > tenant.terms.series)
        return { tenant, excess: { resource: 'series', of: 'quota', limit: tenant.terms.series } }
    }
    for (const { ref, print, shown } of found) {
      shown.add(print)
      ref.shownIn = this.#serial
    }
    return undefined
  }

  #ifNew(ref: SeriesRef, tenant: Tenant): NewSeries | undefined {
    if (tenant.terms.series === Infinity) return undefined
    const shown = this.#accounts.seriesOf(tenant)
    const { high, low } = this.#print.begin(0, 0).text(keyOf(ref.series)).end()
    const print = (high >>> 0) * 2 ** 21 + (low >>> 11)
    return shown.has(print) ? undefined : { ref, tenant, print, shown }
  }
}
