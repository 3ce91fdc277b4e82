import { BadRecordError } from '../../../../shared/errors.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import type { CountedSamples } from '../../format.ts'

/** Buckets with their upper bounds, or quantiles with their values, in any order: parallel arrays. */
export interface Table {
  readonly bounds: readonly number[]
  readonly values: readonly number[]
}

/**
 * A histogram whose buckets each count all samples up to their bound, as Prometheus' do. `count` stands in for the
 * bucket of infinity where that is missing. Throws BadRecordError when the counts are none.
 */
export function classicHistogram(
  time: EventTime,
  buckets: Table,
  sum: number | undefined,
  count: number | undefined,
): CountedSamples {
  const { bounds, values } = inOrder(buckets, 'buckets')
  const isClosed = bounds.at(-1) === Infinity
  const total = samplesIn(isClosed ? values.at(-1) : count)
  const finite = isClosed ? bounds.slice(0, -1) : bounds
  if (finite.some((bound) => !Number.isFinite(bound))) throw malformed('a bucket’s bound is not finite')
  // Without bounds only what all samples sum up to tells where they are.
  if (finite.length === 0) return { time, form: 'explicit', count: total, sum: neededSum(sum, total) }
  let below = 0
  const counts = finite.map((_, i) => {
    const upTo = samplesIn(values[i])
    if (upTo < below || upTo > total) throw malformed('a bucket holds fewer samples than one below it')
    const inside = upTo - below
    below = upTo
    return inside
  })
  counts.push(total - below)
  return { time, form: 'explicit', count: total, sum: finiteSum(sum), bounds: finite, counts }
}

/** A summary of quantiles that the agent has computed. Throws BadRecordError. */
export function summary(
  time: EventTime,
  quantiles: Table,
  sum: number | undefined,
  count: number | undefined,
): CountedSamples {
  const { bounds, values } = inOrder(quantiles, 'quantiles')
  if (bounds.some((quantile) => !(quantile >= 0 && quantile <= 1)))
    throw malformed('a quantile is a number from 0 to 1')
  const total = samplesIn(count)
  const isPlaced = values.some((value) => Number.isFinite(value))
  return {
    time,
    form: 'summary',
    count: total,
    sum: isPlaced ? finiteSum(sum) : neededSum(sum, total),
    bounds,
    values,
  }
}

/** A number of samples. Throws BadRecordError when it is missing or none. */
export function samplesIn(count: number | undefined): number {
  if (count === undefined) throw malformed('it does not tell how many samples there are')
  if (!(count >= 0 && Number.isSafeInteger(count))) throw malformed(`${count} is no number of samples`)
  return count
}

export const malformed = (what: string) =>
  new BadRecordError('invalid_histogram', `the histogram or summary can’t be read: ${what}`)

/** NaN when unknown. */
export const finiteSum = (sum: number | undefined) =>
  sum !== undefined && Number.isFinite(sum) ? sum : Number.NaN

/** The sum of samples of which nothing else tells where they are. Throws BadRecordError when there are some and it is unknown. */
export function neededSum(sum: number | undefined, count: number): number {
  const known = finiteSum(sum)
  if (count > 0 && Number.isNaN(known)) throw malformed('it says nothing of where its samples are')
  return known
}

function inOrder({ bounds, values }: Table, what: string): Table {
  if (bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!)) return { bounds, values }
  const pairs = bounds.map((bound, i) => [bound, values[i]!] as const).sort(([a], [b]) => a - b)
  if (pairs.some(([bound], i) => i > 0 && bound === pairs[i - 1]![0]))
    throw malformed(`two ${what} have the same bound`)
  return { bounds: pairs.map(([bound]) => bound), values: pairs.map(([, value]) => value) }
}
