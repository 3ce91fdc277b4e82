import type { CountedSamples } from '../../format.ts'
import { listOf, type Message, messageOf } from './message.ts'
import { doubleOf, integerOf } from './values.ts'

/** Samples of a HistogramDataPoint: buckets with bounds of their own, or none. */
export function explicitSamples(point: Message, time: number): CountedSamples {
  const totals = totalsOf(point, time)
  const bounds = listOf(point.explicitBounds, 'explicitBounds').map(toDouble)
  const counts = listOf(point.bucketCounts, 'bucketCounts').map(toInteger)
  return { ...totals, form: 'explicit', bounds, counts: counts.length === 0 ? [totals.count] : counts }
}

/** Samples of an ExponentialHistogramDataPoint. What counts as zero (`zeroThreshold`) is not told further. */
export function exponentialSamples(point: Message, time: number): CountedSamples {
  const positive = messageOf(point.positive ?? {}, 'positive')
  const negative = messageOf(point.negative ?? {}, 'negative')
  return {
    ...totalsOf(point, time),
    form: 'exponential',
    scale: integerOf(point.scale, 'scale'),
    zeroCount: integerOf(point.zeroCount, 'zeroCount'),
    positiveOffset: integerOf(positive.offset, 'offset'),
    positiveCounts: listOf(positive.bucketCounts, 'bucketCounts').map(toInteger),
    negativeOffset: integerOf(negative.offset, 'offset'),
    negativeCounts: listOf(negative.bucketCounts, 'bucketCounts').map(toInteger),
  }
}

/** Samples of a SummaryDataPoint. */
export function summarySamples(point: Message, time: number): CountedSamples {
  const quantiles = listOf(point.quantileValues, 'quantileValues')
    .map((one) => messageOf(one, 'an element of quantileValues'))
    .map(({ quantile, value }) => ({ quantile: toDouble(quantile ?? 0), value: toDouble(value ?? 0) }))
    .sort((a, b) => a.quantile - b.quantile)
  return {
    ...totalsOf(point, time),
    form: 'summary',
    bounds: quantiles.map(({ quantile }) => quantile),
    values: quantiles.map(({ value }) => value),
  }
}

function totalsOf({ count, sum, min, max }: Message, time: number) {
  return {
    time,
    count: integerOf(count, 'count'),
    sum: finiteOf(sum) ?? Number.NaN,
    min: finiteOf(min),
    max: finiteOf(max),
  }
}

/** Null when it is not there, or not finite. */
function finiteOf(value: unknown): number | null {
  if (value === undefined || value === null) return null
  const double = doubleOf(value, 'sum, min or max')
  return Number.isFinite(double) ? double : null
}

const toDouble = (value: unknown) => doubleOf(value, 'a bound, quantile or value')
const toInteger = (value: unknown) => integerOf(value, 'the count of a bucket')
