import type { Series } from '../../../shared/avro/types.ts'
import { type Selector, selects } from '../../../shared/series/selector.ts'
import { type Contribution, type Rule, targetOf } from './contribution.ts'

/** `http.latency by [service, route]`: one series for each combination of these tags, merged over all others. */
export interface RollUpOptions extends Selector {
  readonly by: readonly string[]
  /** Of the new metric; by default made of the old one and the tags, see `rollUpName`. */
  readonly name?: string | undefined
}

/** `http.latency.by_service_route`, and without tags `http.latency.by_all`. */
export const rollUpName = (metric: string, by: readonly string[]) =>
  `${metric}.by_${by.length === 0 ? 'all' : by.join('_')}`

export function rollUp(options: RollUpOptions): Rule {
  const { by, name } = options
  return {
    contributionsOf(series: Series): readonly Contribution[] {
      if (!selects(options, series)) return []
      const target = targetOf(name ?? rollUpName(series.metric, by), series, by, series.kind)
      return [{ target, add: (into, from, _source, aggregates) => aggregates.merge(into, from) }]
    },
  }
}
