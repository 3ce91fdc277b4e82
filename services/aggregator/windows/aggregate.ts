import type { Aggregate as AggregateRecord, Exemplar } from '../../../shared/avro/types.ts'
import { flawOfExemplar, higher } from '../../../shared/points/exemplars.ts'
import { ExactSum } from '../../../shared/sketch/exact-sum.ts'
import type { SketchStore } from '../../../shared/sketch/sketch-store.ts'
import { MemberSet } from '../kinds/member-set.ts'

/** What was gathered of one series in one window. The sketch is a handle into the task's store. */
export interface Aggregate {
  readonly sketch: number
  /** Of counters: what they gained. */
  increase: ExactSum | undefined
  rare: Rare | undefined
}

/** What few series have: in one place, since each field of an aggregate takes memory of all windows. */
interface Rare {
  /** Of ratios: the two parts. */
  ratio: Ratio | undefined
  /** Of sets, which have no samples. */
  members: MemberSet | undefined
  exemplar: Exemplar | undefined
}

interface Ratio {
  readonly numerator: ExactSum
  readonly denominator: ExactSum
}

/** Makes, merges and ends the aggregates of one task. Merging depends on no order: each part of an aggregate is exact, a count of bins, or a set. */
export class Aggregates {
  readonly sketches: SketchStore

  constructor(sketches: SketchStore) {
    this.sketches = sketches
  }

  create(): Aggregate {
    return {
      sketch: this.sketches.create(),
      increase: undefined,
      rare: undefined,
    }
  }

  free({ sketch }: Aggregate): void {
    this.sketches.free(sketch)
  }

  /** What is computed anew is left out; an exemplar is not. */
  clear(aggregate: Aggregate): void {
    this.sketches.clear(aggregate.sketch)
    aggregate.increase = undefined
    const { rare } = aggregate
    if (rare) aggregate.rare = { ...nothing, exemplar: rare.exemplar }
  }

  merge(into: Aggregate, from: Aggregate): void {
    this.sketches.merge(into.sketch, from.sketch)
    if (from.increase) increaseOf(into).merge(from.increase)
    if (from.rare) this.#mergeRare(into, from.rare)
  }

  #mergeRare(into: Aggregate, { ratio, members, exemplar }: Rare): void {
    if (members) membersOf(into).merge(members)
    if (exemplar) offer(into, exemplar)
    if (!ratio) return
    const { numerator, denominator } = ratioOf(into)
    numerator.merge(ratio.numerator)
    denominator.merge(ratio.denominator)
  }

  /** Whether there is anything to tell: a ratio needs a denominator, a set a member, anything else a sample. */
  isEmpty({ sketch, rare }: Aggregate): boolean {
    const { ratio, members } = rare ?? nothing
    return ratio ? ratio.denominator.value === 0 : !members && this.sketches.count(sketch) === 0
  }

  toRecord({ sketch, increase, rare }: Aggregate): AggregateRecord {
    const { ratio, members, exemplar } = rare ?? nothing
    return {
      sketch: this.sketches.toBytes(sketch),
      increase: increase?.terms ?? null,
      numerator: ratio?.numerator.terms ?? null,
      denominator: ratio?.denominator.terms ?? null,
      members: members?.toBytes() ?? null,
      exemplar: exemplar ?? null,
    }
  }

  /** Throws RangeError when the sketch, the members or the exemplar are malformed. */
  mergeRecord(into: Aggregate, record: AggregateRecord): void {
    const { sketch, increase, numerator, denominator, members, exemplar } = record
    this.sketches.mergeBytes(into.sketch, sketch)
    if (members) membersOf(into).mergeBytes(members)
    if (exemplar) {
      const flaw = flawOfExemplar(exemplar)
      if (flaw) throw new RangeError(`the exemplar ${flaw}`)
      offer(into, exemplar)
    }
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
  const rare = rareOf(aggregate)
  rare.ratio ??= { numerator: new ExactSum(), denominator: new ExactSum() }
  return rare.ratio
}

export function membersOf(aggregate: Aggregate): MemberSet {
  const rare = rareOf(aggregate)
  rare.members ??= new MemberSet()
  return rare.members
}

/** Keeps the exemplar if it is the higher one; whether it is. */
export function offer(aggregate: Aggregate, exemplar: Exemplar): boolean {
  const rare = rareOf(aggregate)
  const kept = higher(rare.exemplar, exemplar)
  if (kept === rare.exemplar) return false
  rare.exemplar = kept
  return true
}

const nothing: Readonly<Rare> = { ratio: undefined, members: undefined, exemplar: undefined }

function rareOf(aggregate: Aggregate): Rare {
  aggregate.rare ??= { ...nothing }
  return aggregate.rare
}
