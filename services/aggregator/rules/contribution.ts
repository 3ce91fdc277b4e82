import type { Series, SeriesKind } from '../../../shared/avro/types.ts'
import { hashText, seriesKey } from '../../../shared/series/series.ts'
import type { Aggregate, Aggregates } from '../windows/aggregate.ts'

/** A series that is made of others: of a roll-up, a ratio or an overflow. */
export interface Target {
  readonly key: string
  readonly series: Series
  readonly hash: number
}

/** What the windows of one series add to a target's windows. */
export interface Contribution {
  readonly target: Target
  /** What tells it from another one of the same series to the same target. */
  readonly part?: 'numerator' | 'denominator'
  /** Adds what `from`, a window of `source`, stands for. */
  add(into: Aggregate, from: Aggregate, source: Series, aggregates: Aggregates): void
}

/** A rule says what a series contributes: nothing to most. */
export interface Rule {
  contributionsOf(series: Series): readonly Contribution[]
}

/** The target named `metric`, with those of the source's tags that are kept and `more`. */
export function targetOf(
  metric: string,
  { tags, unit }: Series,
  by: readonly string[],
  kind: SeriesKind,
  more: Series['tags'] = [],
): Target {
  const kept = [...tags.filter(({ key }) => by.includes(key)), ...more].sort((a, b) =>
    a.key < b.key ? -1 : 1,
  )
  const series: Series = { metric, tags: kept, kind, unit: kind === 'ratio' ? '' : unit }
  const key = seriesKey(series)
  return { key, series, hash: hashText(key) }
}
