import type { Long } from '../../protobuf/long.ts'
import type { FamilyType } from './family.ts'

export interface WrittenSamples {
  readonly samples: readonly Sample[]
  readonly histograms: readonly Histogram[]
}

/** A request of remote write 1, as its decoder hands it on. */
export interface WriteRequest<Label> {
  readonly timeseries: readonly (WrittenSamples & { readonly labels: readonly Label[] })[]
  readonly metadata: readonly {
    readonly type: number
    readonly metricFamilyName: string
    readonly unit: string
  }[]
}

/** A request of remote write 2: its texts are places in `symbols`. */
export interface WriteRequest2 {
  readonly symbols: readonly string[]
  readonly timeseries: readonly (WrittenSamples & {
    /** Name, value, name, value… */
    readonly labelsRefs: readonly number[]
    readonly metadata: { readonly type: number; readonly unitRef: number } | null
  })[]
}

export interface Sample {
  readonly value: number
  /** Milliseconds. */
  readonly timestamp: Long
}

/** A native histogram, the same in both versions. Counts are whole, or doubles for what was computed. */
export interface Histogram {
  readonly countInt: Long | null
  readonly countFloat: number | null
  readonly sum: number
  readonly schema: number
  readonly zeroCountInt: Long | null
  readonly zeroCountFloat: number | null
  readonly negativeSpans: readonly BucketSpan[]
  readonly negativeDeltas: readonly Long[]
  readonly negativeCounts: readonly number[]
  readonly positiveSpans: readonly BucketSpan[]
  readonly positiveDeltas: readonly Long[]
  readonly positiveCounts: readonly number[]
  readonly resetHint: number
  /** Milliseconds. */
  readonly timestamp: Long
  readonly customValues: readonly number[]
}

interface BucketSpan {
  readonly offset: number
  readonly length: number
}

/** The value of `resetHint` for a histogram of what is there now. */
export const gaugeHint = 3

/** Types of metrics, by the number that both versions have for them. */
const types: readonly FamilyType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
]

export const typeNumbered = (number: number): FamilyType => types[number] ?? 'unknown'
