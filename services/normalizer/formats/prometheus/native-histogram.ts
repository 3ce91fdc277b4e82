import type { EventTime } from '../../../../shared/stream/task.ts'
import type { CountedSamples } from '../../format.ts'
import { finiteSum, malformed, neededSum, samplesIn } from './classic-histogram.ts'

/** A run of neighbouring buckets: how many are left out before it, and how many it has. */
export interface Span {
  readonly offset: number
  readonly length: number
}

/** A native histogram as Prometheus sends it: bucket i of schema s holds (base^(i-1), base^i] with base 2^(2^-s). */
interface NativeHistogram {
  readonly time: EventTime
  readonly schema: number
  readonly count: number
  readonly sum: number | undefined
  readonly zeroCount: number
  readonly positive: Buckets
  readonly negative: Buckets
}

interface Buckets {
  readonly spans: readonly Span[]
  /** One for each bucket of the spans. */
  readonly counts: readonly number[]
}

/** Buckets of one sign, those that are left out included: Prometheus itself makes them coarser beyond some hundred. */
const maxDenseBuckets = 10_000

/** In OpenTelemetry's buckets, whose indices are one less. Throws BadRecordError. */
export function exponentialHistogram(native: NativeHistogram): CountedSamples {
  const { time, schema, count, sum, zeroCount, positive, negative } = native
  if (!(Number.isInteger(schema) && schema >= -4 && schema <= 8)) throw malformed(`${schema} is no schema`)
  const up = dense(positive, schema)
  const down = dense(negative, schema)
  const total = samplesIn(count)
  const isPlaced = zeroCount > 0 || [...up.counts, ...down.counts].some((inside) => inside > 0)
  return {
    time,
    form: 'exponential',
    count: total,
    sum: isPlaced ? finiteSum(sum) : neededSum(sum, total),
    scale: schema,
    zeroCount: samplesIn(zeroCount),
    positiveOffset: up.offset,
    positiveCounts: up.counts,
    negativeOffset: down.offset,
    negativeCounts: down.counts,
  }
}

function dense({ spans, counts }: Buckets, schema: number): ReturnType<typeof spread> {
  const { offset, counts: filled } = spread(spans, counts)
  const perOctave = 2 ** schema
  const first = offset - 1
  if (filled.length > 0 && (first < -1074 * perOctave || first + filled.length > 1024 * perOctave))
    throw malformed('a bucket lies beyond all doubles')
  return { offset: filled.length > 0 ? first : 0, counts: filled }
}

/** All buckets from the first on, those that the spans leave out as 0. Throws BadRecordError. */
export function spread(
  spans: readonly Span[],
  counts: readonly number[],
): { readonly offset: number; readonly counts: readonly number[] } {
  const filled: number[] = []
  let next = 0
  for (const [i, { offset, length }] of spans.entries()) {
    const gap = i === 0 ? 0 : offset
    if (!(Number.isInteger(offset) && Number.isInteger(length) && gap >= 0 && length >= 0))
      throw malformed('a span is not a number of buckets')
    if (filled.length + gap + length > maxDenseBuckets)
      throw malformed(`its buckets spread over more than ${maxDenseBuckets}`)
    for (let j = 0; j < gap; j++) filled.push(0)
    for (let j = 0; j < length; j++) filled.push(samplesIn(counts[next++]))
  }
  if (next !== counts.length) throw malformed(`${counts.length} buckets stand in spans of ${next}`)
  return { offset: spans[0]?.offset ?? 0, counts: filled }
}
