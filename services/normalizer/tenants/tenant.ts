import { GenerationalCache } from '../../../shared/series/generational-cache.ts'
import { matches } from '../../../shared/series/pattern.ts'
import { hashText } from '../../../shared/series/series.ts'
import type { Account } from './account.ts'
import type { TenantSettings } from './tenant-settings.ts'
import type { Terms } from './terms.ts'

export interface Tenant {
  readonly name: string
  /** Of its account: seven characters. */
  readonly key: string
  /** Whether a quota names it, without any *. */
  readonly isNamed: boolean
  readonly terms: Terms
  /** In metrics: its name if the configuration knows it, else `other`, so that nobody can make up labels. */
  readonly label: string
  /** Of its own, found last. */
  account: Account | undefined
}

/** Tenants whose names are kept at hand. */
const cachedTenants = 2_000

/** Finds tenants by name, with what the configuration says of them. */
export class Tenants {
  readonly #settings: TenantSettings
  readonly #terms: readonly Terms[]
  readonly #known = new GenerationalCache<string, Tenant>(cachedTenants)

  /** Rates are divided evenly over the partitions of the raw topic; a series may come through each of them. */
  constructor(settings: TenantSettings, partitions: number) {
    this.#settings = settings
    this.#terms = settings.quotas.map(
      ({ pointsPerSecond, bytesPerSecond, series = Infinity, weight = 1 }, index) => ({
        index,
        points: shareOf(pointsPerSecond, partitions),
        bytes: shareOf(bytesPerSecond, partitions),
        series,
        weight,
      }),
    )
  }

  of(name: string): Tenant {
    let tenant = this.#known.get(name)
    if (!tenant) {
      tenant = this.#make(name)
      this.#known.set(name, tenant)
    }
    return tenant
  }

  /** Of the quota that stands there in the configuration, if one does. */
  termsAt(index: number): Terms {
    return this.#terms[index] ?? unlimited
  }

  #make(name: string): Tenant {
    const { quotas, default: defaultName } = this.#settings
    const index = quotas.findIndex(({ tenant }) => matches(tenant, name))
    const isNamed = quotas[index]?.tenant === name && !name.includes('*')
    return {
      name,
      key: hashText(name).toString(36).padStart(7, '0'),
      isNamed,
      terms: this.termsAt(index),
      label: isNamed || name === defaultName ? name : 'other',
      account: undefined,
    }
  }
}

const unlimited: Terms = {
  index: -1,
  points: Infinity,
  bytes: Infinity,
  series: Infinity,
  weight: 1,
}

/** At least one a second, so that nobody is shut out by many partitions. */
export const shareOf = (perSecond = Infinity, partitions: number) => Math.ceil(perSecond / partitions)
