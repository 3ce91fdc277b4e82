import type { SeriesKind } from '../../../../shared/avro/types.ts'
import { GenerationalCache } from '../../../../shared/series/generational-cache.ts'

export type FamilyType =
  | 'counter'
  | 'gauge'
  | 'histogram'
  | 'gaugehistogram'
  | 'summary'
  | 'info'
  | 'stateset'
  | 'unknown'

/** A metric family as its TYPE and UNIT lines declare it. */
export interface Family {
  readonly name: string
  readonly type: FamilyType
  /** In UCUM; empty when no UNIT line tells it. */
  readonly unit: string
}

/** What a sample says of its series: its value, when it began to count, or a part of what is counted. */
export type Role = 'value' | 'created' | 'bucket' | 'quantile' | 'sum' | 'count'

/** Of each type, the suffixes that its samples may have, in Prometheus' text and both versions of OpenMetrics. */
const suffixes: Readonly<Record<FamilyType, ReadonlyMap<string, Role>>> = {
  counter: new Map([
    ['', 'value'],
    ['_total', 'value'],
    ['_created', 'created'],
  ]),
  gauge: new Map([['', 'value']]),
  histogram: new Map([
    ['', 'value'],
    ['_bucket', 'bucket'],
    ['_sum', 'sum'],
    ['_count', 'count'],
    ['_created', 'created'],
  ]),
  gaugehistogram: new Map([
    ['', 'value'],
    ['_bucket', 'bucket'],
    ['_gsum', 'sum'],
    ['_gcount', 'count'],
    ['_created', 'created'],
  ]),
  summary: new Map([
    ['', 'quantile'],
    ['_sum', 'sum'],
    ['_count', 'count'],
    ['_created', 'created'],
  ]),
  info: new Map([
    ['', 'value'],
    ['_info', 'value'],
  ]),
  stateset: new Map([['', 'value']]),
  unknown: new Map([['', 'value']]),
}

/** What a sample of this name is to the family; undefined when it is not of it. */
export const roleIn = (family: Family, name: string): Role | undefined =>
  name.startsWith(family.name) ? suffixes[family.type].get(name.slice(family.name.length)) : undefined

/** Whether the samples of the family are put together to one histogram or summary. */
export const isCounted = ({ type }: Family) =>
  type === 'histogram' || type === 'gaugehistogram' || type === 'summary'

/** Undefined when the family does not tell. */
export function kindOf(family: Family | undefined): SeriesKind | undefined {
  switch (family?.type) {
    case undefined:
    case 'unknown':
      return undefined
    case 'counter':
    case 'histogram':
    case 'summary':
      return 'counter'
    default:
      return 'gauge'
  }
}

const types: ReadonlyMap<string, FamilyType> = new Map<string, FamilyType>([
  ...(Object.keys(suffixes) as FamilyType[]).map((type) => [type, type] as const),
  ['untyped', 'unknown'],
])

export const typeNamed = (word: string): FamilyType | undefined => types.get(word.toLowerCase())

/** One object for each declaration, so that what was read under it is known again. */
export class Families {
  readonly #families: GenerationalCache<string, Family>

  constructor(size: number) {
    this.#families = new GenerationalCache(size)
  }

  of(name: string, type: FamilyType, unit: string): Family {
    const key = `${type} ${unit} ${name}`
    let family = this.#families.get(key)
    if (!family) {
      family = { name, type, unit }
      this.#families.set(key, family)
    }
    return family
  }
}
