import type { SeriesKind } from '../../../../shared/avro/types.ts'
import { GenerationalCache } from '../../../../shared/series/generational-cache.ts'
import type { Events } from '../../format.ts'
import type { SeriesRef } from '../../series-cache.ts'
import { emptyHash } from '../influx/heads.ts'
import { type FamilyType, kindOf as kindOfFamily } from './family.ts'
import { unitInName, unitNamed } from './units.ts'

/** A name or value of a label is called by a number, so that a series is known by a few numbers, without its texts. */
export type TextId = number

export interface Label {
  readonly name: string
  readonly value: string
}

/** What a request tells of a series beside its labels. */
export interface Declared {
  readonly type: FamilyType
  /** As a UNIT line has it; empty when it is not told. */
  readonly unit: string
}

interface Known {
  readonly ids: readonly TextId[]
  readonly type: FamilyType
  readonly isNative: boolean
  readonly series: SeriesRef
}

/** The series of remote write, by their labels. */
export class WrittenSeries {
  /** By hash: two of the same push each other out, which is slow but never wrong. */
  readonly #known: GenerationalCache<number, Known>

  constructor(size: number) {
    this.#known = new GenerationalCache(size)
  }

  /**
   * The series of the labels that `ids` stand for. `isNative` says that its samples are native histograms. Throws
   * BadRecordError when the labels break a limit.
   */
  of(
    ids: readonly TextId[],
    labels: () => readonly Label[],
    { type, unit }: Declared,
    isNative: boolean,
    events: Events,
  ): SeriesRef {
    let hash = emptyHash
    for (const id of ids) hash = Math.imul(hash ^ id, 0x01000193) ^ (hash >>> 15)
    const known = this.#known.get(hash)
    if (known && known.type === type && known.isNative === isNative && isSame(known.ids, ids))
      return known.series
    const series = makeSeries(labels(), { type, unit }, isNative, events)
    this.#known.set(hash, { ids, type, isNative, series })
    return series
  }
}

function isSame(a: readonly TextId[], b: readonly TextId[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function makeSeries(
  labels: readonly Label[],
  { type, unit }: Declared,
  isNative: boolean,
  events: Events,
): SeriesRef {
  const metric = metricIn(labels)
  const tags = labels.flatMap(({ name, value }) => (name === '__name__' ? [] : [{ key: name, value }]))
  const kind = isNative ? kindOfFamily({ name: metric, type, unit }) : kindOfSeries(metric, type)
  return events.series(metric, tags, kind, unit === '' ? unitInName(metric) : unitNamed(unit))
}

/** Empty when there is none. */
export const metricIn = (labels: readonly Label[]) =>
  labels.find(({ name }) => name === '__name__')?.value ?? ''

/** Buckets, sums and counts come as series of their own, and only grow. */
const growing = /_(bucket|sum|count)$/

function kindOfSeries(metric: string, type: FamilyType): SeriesKind | undefined {
  switch (type) {
    case 'counter':
      return 'counter'
    case 'histogram':
    case 'summary':
      return growing.test(metric) ? 'counter' : 'gauge'
    case 'unknown':
      // What Prometheus' naming rules reserve for them.
      return growing.test(metric) || metric.endsWith('_total') ? 'counter' : undefined
    default:
      return 'gauge'
  }
}
