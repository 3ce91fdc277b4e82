import type { Series } from '../../../shared/avro/types.ts'
import { type Selector, selects } from '../../../shared/series/selector.ts'
import { type Aggregate, type Aggregates, ratioOf } from '../windows/aggregate.ts'
import { type Rule, targetOf } from './contribution.ts'

/** Which figure of a window is added up: what it gained, the sum of its samples, their number, or their mean. */
type Figure = 'increase' | 'sum' | 'count' | 'mean'

interface Term extends Selector {
  /** By default the increase of counters and deltas, the number of samples of distributions and histograms, the mean of gauges. */
  readonly figure?: Figure | undefined
}

/** `errors / requests by [service]`. Both parts are added up over series and time before they are divided. */
export interface RatioOptions {
  readonly name: string
  readonly numerator: Term
  readonly denominator: Term
  readonly by: readonly string[]
}

export function ratio({ name, numerator, denominator, by }: RatioOptions): Rule {
  const parts = [
    { part: 'numerator', term: numerator },
    { part: 'denominator', term: denominator },
  ] as const
  return {
    contributionsOf: (series) =>
      parts
        .filter(({ term }) => selects(term, series))
        .map(({ part, term }) => ({
          target: targetOf(name, series, by, 'ratio'),
          part,
          add(into, from, source, aggregates) {
            const value = figureOf(term.figure, from, source, aggregates)
            if (value !== undefined) ratioOf(into)[part].add(value)
          },
        })),
  }
}

/** Apdex of a distribution of durations: those up to the threshold count in full, those up to four times it by half. */
export interface ApdexOptions extends Selector {
  readonly name: string
  /** In the unit of the metric. */
  readonly threshold: number
  readonly by: readonly string[]
}

/** A duration beyond this many thresholds frustrates (Apdex Technical Specification 1.1, section 3). */
const toleratedThresholds = 4

export function apdex(options: ApdexOptions): Rule {
  const { name, threshold, by } = options
  return {
    contributionsOf: (series) =>
      selects(options, series)
        ? [
            {
              target: targetOf(name, series, by, 'ratio'),
              add(into, { sketch }, _source, { sketches }) {
                const satisfied = sketches.countAtMost(sketch, threshold)
                const tolerating = sketches.countAtMost(sketch, threshold * toleratedThresholds) - satisfied
                const { numerator, denominator } = ratioOf(into)
                numerator.add(satisfied + tolerating / 2)
                denominator.add(sketches.count(sketch))
              },
            },
          ]
        : [],
  }
}

/** Undefined when the window has no such figure: a gauge gains nothing. */
function figureOf(
  figure: Figure | undefined,
  { sketch, increase }: Aggregate,
  { kind }: Series,
  { sketches }: Aggregates,
): number | undefined {
  const count = sketches.count(sketch)
  if (count === 0) return undefined
  const gained = increase?.value ?? (kind === 'delta' ? sketches.sum(sketch) : undefined)
  switch (figure ?? (kind === 'gauge' ? 'mean' : gained === undefined ? 'count' : 'increase')) {
    case 'increase':
      return gained
    case 'sum':
      return sketches.sum(sketch)
    case 'count':
      return count
    case 'mean':
      return sketches.sum(sketch) / count
  }
}
