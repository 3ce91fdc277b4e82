import type { Series } from '../../../shared/avro/types.ts'
import type { SeriesEntry } from '../windows/window.ts'

interface CardinalityOptions {
  /** Series of one metric, in one partition. */
  readonly maxSeriesPerMetric: number
  readonly maxSeriesPerTenant: number
  /** Cumulative series beyond these limits that are remembered. */
  readonly maxBeyond: number
  readonly tenantTag: string
}

/** Which limit a new series would break. */
type Excess =
  | { readonly of: 'metric'; readonly name: string }
  | { readonly of: 'tenant'; readonly name: string }

/** Counts series by metric and by tenant. */
export class Cardinality {
  readonly #options: CardinalityOptions
  readonly #metrics = new Map<string, number>()
  readonly #tenants = new Map<string, number>()
  #beyond = 0

  constructor(options: CardinalityOptions) {
    this.#options = options
  }

  /** Undefined when there is room for it. */
  excessOf(series: Series): Excess | undefined {
    const { maxSeriesPerMetric, maxSeriesPerTenant } = this.#options
    if ((this.#metrics.get(series.metric) ?? 0) >= maxSeriesPerMetric)
      return { of: 'metric', name: series.metric }
    const tenant = this.tenantOf(series)
    if ((this.#tenants.get(tenant) ?? 0) >= maxSeriesPerTenant) return { of: 'tenant', name: tenant }
    return undefined
  }

  /** The empty name is that of all series without the tag. */
  tenantOf({ tags }: Series): string {
    return tags.find(({ key }) => key === this.#options.tenantTag)?.value ?? ''
  }

  /** Whether any series of this metric is counted. */
  hasMetric(name: string): boolean {
    return this.#metrics.has(name)
  }

  hasTenant(name: string): boolean {
    return this.#tenants.has(name)
  }

  get hasRoomBeyond(): boolean {
    return this.#beyond < this.#options.maxBeyond
  }

  enter(series: Series): void {
    this.#add(series, 1)
  }

  leave(series: Series): void {
    this.#add(series, -1)
  }

  enterBeyond(): void {
    this.#beyond++
  }

  leaveBeyond(): void {
    this.#beyond--
  }

  #add(series: Series, more: number): void {
    count(this.#metrics, series.metric, more)
    count(this.#tenants, this.tenantOf(series), more)
  }
}

function count(counts: Map<string, number>, key: string, more: number): void {
  const next = (counts.get(key) ?? 0) + more
  if (next > 0) counts.set(key, next)
  else counts.delete(key)
}

/** The tag with the most different values among these series, and how many: what has exploded. */
export function widestTag(entries: Iterable<SeriesEntry>, excess: Excess, tenantTag: string) {
  const values = new Map<string, Set<string>>()
  for (const { series, isCounted } of entries) {
    if (!isCounted) continue
    const isMeant =
      excess.of === 'metric'
        ? series.metric === excess.name
        : (series.tags.find(({ key }) => key === tenantTag)?.value ?? '') === excess.name
    if (!isMeant) continue
    for (const { key, value } of series.tags) {
      let known = values.get(key)
      if (!known) {
        known = new Set()
        values.set(key, known)
      }
      known.add(value)
    }
  }
  let widest: { readonly tag: string; readonly values: number } | undefined
  for (const [tag, { size }] of values) if (!widest || size > widest.values) widest = { tag, values: size }
  return widest
}
