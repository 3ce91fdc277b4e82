import type { Finding, IncidentCause, Tag } from '../../../shared/avro/types.ts'
import { keyOf } from '../../../shared/series/known-series.ts'

const maxCauses = 5

/** The names under which the metric, and the deploy shortly before, stand among tags; tags of these names are left out. */
const metricKey = 'metric'
export const deployKey = 'deploy'

interface Trait {
  readonly key: string
  readonly value: string
  series: number
  /** The sum of what the findings say that its share of all series is. */
  shares: number
}

/**
 * Which tags explain an incident: those that its series have far more often than all series do. Each is weighed by the
 * log-likelihood ratio of a binomial, k ln(p'/p) + (n - k) ln((1 - p')/(1 - p)) with p' = k/n: half of the G statistic
 * (Sokal and Rohlf, Biometry, 1981; Dunning 1993). A tag that all series have explains nothing, one that few have and
 * all of the incident explains it best. A deploy is weighed by the series that it may have changed; `findings` are the members, in any order.
 * Those that know no shares say nothing.
 */
export function causesOf(findings: readonly Finding[], scope: readonly Tag[]): readonly IncidentCause[] {
  const bySeries = new Map<string, Finding>()
  // In an order of their own, so that the sums of doubles depend on no other.
  for (const finding of findings.toSorted((a, b) => (a.anomalyId < b.anomalyId ? -1 : 1)))
    if (finding.tagShares.length === finding.series.tags.length) bySeries.set(keyOf(finding.series), finding)
  const traits = new Map<string, Trait>()
  for (const { series, metricShare, tagShares, deploy } of bySeries.values()) {
    note(traits, metricKey, series.metric, metricShare)
    if (deploy) note(traits, deployKey, deploy.text || deploy.id, deploy.share)
    for (const [i, { key, value }] of series.tags.entries())
      if (key !== metricKey && key !== deployKey && !scope.some((tag) => tag.key === key))
        note(traits, key, value, tagShares[i]!)
  }
  return [...traits.values()]
    .map((trait) => causeOf(trait, bySeries.size))
    .filter(({ gain }) => gain > 0)
    .sort(
      (a, b) =>
        b.gain - a.gain || rankOf(a) - rankOf(b) || (`${a.key}=${a.value}` < `${b.key}=${b.value}` ? -1 : 1),
    )
    .slice(0, maxCauses)
}

/** Of two that explain as many series a deploy comes first: it explains the time as well. */
const rankOf = ({ key }: IncidentCause) => (key === deployKey ? 0 : 1)

function note(traits: Map<string, Trait>, key: string, value: string, share: number): void {
  const name = `${key}\0${value}`
  const trait = traits.get(name) ?? { key, value, series: 0, shares: 0 }
  trait.series++
  trait.shares += share
  traits.set(name, trait)
}

function causeOf({ key, value, series, shares }: Trait, all: number): IncidentCause {
  const share = Math.min(1, shares / series)
  const found = series / all
  const gain = found > share ? series * Math.log(found / share) + rest(all - series, 1 - found, 1 - share) : 0
  return { key, value, series, share, gain }
}

/** Nothing when none are left. */
const rest = (count: number, found: number, share: number) =>
  count === 0 ? 0 : count * Math.log(found / share)
