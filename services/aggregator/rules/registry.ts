import type { Series } from '../../../shared/avro/types.ts'
import type { AggregatorConfig } from '../config.ts'
import type { Contribution, Rule } from './contribution.ts'
import { apdex, ratio } from './ratio.ts'
import { rollUp } from './roll-up.ts'

/** What a series contributes by all configured rules. */
export type Contributions = (series: Series) => readonly Contribution[]

export function rulesOf({ rollUps, ratios, apdexes }: AggregatorConfig): Contributions {
  const rules: readonly Rule[] = [...rollUps.map(rollUp), ...ratios.map(ratio), ...apdexes.map(apdex)]
  return (series) => rules.flatMap((rule) => rule.contributionsOf(series))
}
