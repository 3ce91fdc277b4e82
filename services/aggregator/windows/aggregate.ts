import type { Aggregate as AggregateRecord } from '../../../shared/avro/types.ts'
import { ExactSum } from '../../../shared/sketch/exact-sum.ts'
import type { SketchStore } from '../../../shared/sketch/sketch-store.ts'

/** What was gathered of one series in one window. The sketch is a handle into the task's store. */
export interface Aggregate {
  readonly sketch: number
  /** Of counters: what they gained. */
  increase: ExactSum | undefined
  /** Of ratios: the two parts. */
  ratio: Ratio | undefined
}

interface Ratio {
  readonly numerator: ExactSum
  readonly denominator: ExactSum
}

/** Makes, merges and ends the aggregates of one task. Merging depends on no order: each part of an aggregate is exact or a count of bins. */
export class Aggregates {
  readonly sketches: SketchStore

  constructor(sketches: SketchStore) {
    this.sketches = sketches
  }

  create(): Aggregate {
    return { sketch: this.sketches.create(), increase: undefined, ratio: undefined }
  }

  free({ sketch }: Aggregate): void {
    this.sketches.free(sketch)
  }

  clear(aggregate: Aggregate): void {
    this.sketches.clear(aggregate.sketch)
    aggregate.increase = undefined
    aggregate.ratio = undefined
  }

  merge(into: Aggregate, from: Aggregate): void {
    this.sketches.merge(into.sketch, from.sketch)
    if (from.increase) increaseOf(into).merge(from.increase)
    if (!from.ratio) return
    const { numerator, denominator } = ratioOf(into)
    numerator.merge(from.ratio.numerator)
    denominator.merge(from.ratio.denominator)
  }

  /** Whether there is anything to tell: a ratio needs a denominator, anything else a sample. */
  isEmpty({ sketch, ratio }: Aggregate): boolean {
    return ratio ? ratio.denominator.value === 0 : this.sketches.count(sketch) === 0
  }

  toRecord({ sketch, increase, ratio }: Aggregate): AggregateRecord {
    return {
      sketch: this.sketches.toBytes(sketch),
      increase: increase?.terms ?? null,
      numerator: ratio?.numerator.terms ?? null,
      denominator: ratio?.denominator.terms ?? null,
    }
  }

  /** Throws RangeError when the sketch is malformed. */
  mergeRecord(into: Aggregate, { sketch, increase, numerator, denominator }: AggregateRecord): void {
    this.sketches.mergeBytes(into.sketch, sketch)
    if (increase) increaseOf(into).addAll(increase)
    if (numerator) ratioOf(into).numerator.addAll(numerator)
    if (denominator) ratioOf(into).denominator.addAll(denominator)
  }
}

export function increaseOf(aggregate: Aggregate): ExactSum {
  aggregate.increase ??= new ExactSum()
  return aggregate.increase
}

export function ratioOf(aggregate: Aggregate): Ratio {
  aggregate.ratio ??= { numerator: new ExactSum(), denominator: new ExactSum() }
  return aggregate.ratio
}
