import type { Series, Window } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { Aggregate, Aggregates } from './aggregate.ts'
import type { Level } from './level.ts'

const ranks = [0.5, 0.9, 0.95, 0.99]
const quantiles = new Float64Array(ranks.length)
const none = Buffer.alloc(0)

/** The record of a window as it is now. A ratio has its parts, a set its members, both their value in `mean`, and no samples. */
export function windowRecord(
  series: Series,
  level: Level,
  start: EventTime,
  revision: number,
  aggregate: Aggregate,
  { sketches }: Aggregates,
): Window {
  const { sizeMs, stepMs } = level
  const { sketch, rare } = aggregate
  const identity = { series, start, sizeMs, stepMs, revision }
  if (rare?.ratio) {
    const { ratio } = rare
    const numerator = ratio.numerator.value
    const denominator = ratio.denominator.value
    return { ...identity, ...noSamples, mean: numerator / denominator, numerator, denominator }
  }
  if (rare?.members) {
    const { members } = rare
    const { distinct } = members
    return { ...identity, ...noSamples, mean: distinct, distinct, members: members.toBytes() }
  }
  const count = sketches.count(sketch)
  const sum = sketches.sum(sketch)
  const increase = increaseOf(series, aggregate, sum)
  sketches.quantiles(sketch, ranks, quantiles)
  return {
    ...identity,
    count,
    sum,
    min: sketches.min(sketch),
    max: sketches.max(sketch),
    mean: sum / count,
    rate: (increase ?? count) / (sizeMs / 1_000),
    p50: quantiles[0]!,
    p90: quantiles[1]!,
    p95: quantiles[2]!,
    p99: quantiles[3]!,
    increase,
    numerator: null,
    denominator: null,
    distinct: null,
    members: null,
    exemplar: rare?.exemplar ?? null,
    sketch: sketches.toBytes(sketch),
  }
}

/** The samples of a delta are what it gained. */
function increaseOf({ kind }: Series, { increase }: Aggregate, sum: number): number | null {
  if (increase) return increase.value
  return kind === 'delta' ? sum : null
}

const noSamples = {
  count: 0,
  sum: Number.NaN,
  min: Number.NaN,
  max: Number.NaN,
  rate: Number.NaN,
  p50: Number.NaN,
  p90: Number.NaN,
  p95: Number.NaN,
  p99: Number.NaN,
  increase: null,
  numerator: null,
  denominator: null,
  distinct: null,
  members: null,
  exemplar: null,
  sketch: none,
}
