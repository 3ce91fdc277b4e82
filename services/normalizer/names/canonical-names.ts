import type { SeriesKind, Tag } from '../../../shared/avro/types.ts'
import type { Mapping, TagMapping } from './mapping.ts'

/** A series under its canonical name; its tags are in any order. */
export interface CanonicalSeries {
  readonly metric: string
  readonly tags: readonly Tag[]
  readonly kind: SeriesKind
  readonly unit: string
  /** Undefined when values stay as they are. */
  readonly conversion?: Conversion
}

export interface Conversion {
  readonly times: number
  readonly dividedBy: number
  readonly plus: number
}

export const asItIs: Conversion = { times: 1, dividedBy: 1, plus: 0 }

/** What would grow out of a double's range is the largest double: a finite value stays one. */
export function convert(value: number, { times, dividedBy, plus }: Conversion): number {
  const converted = (value * times) / dividedBy + plus
  return Number.isFinite(converted)
    ? converted
    : Math.sign(value) * Math.sign(times / dividedBy) * Number.MAX_VALUE
}

/** Finds what a series is called by OpenTelemetry. */
export class CanonicalNames {
  readonly #byName: ReadonlyMap<string, readonly Mapping[]>
  readonly #originalTag: string

  /** `originalTag` is the key under which the agent's name is kept; none when empty. */
  constructor(mappings: readonly Mapping[], originalTag = '') {
    this.#byName = Map.groupBy(mappings, ({ from }) => from)
    this.#originalTag = originalTag
  }

  /**
   * Undefined for a series that keeps its name: no line fits, or it is told to be of another kind, or of another unit,
   * than the line says, or two of its tags would have one key.
   */
  of(
    metric: string,
    tags: readonly Tag[],
    kind: SeriesKind | undefined,
    unit: string,
  ): CanonicalSeries | undefined {
    const mapping = this.#byName.get(metric)?.find(({ where }) => fits(where, tags))
    if (!mapping || (kind !== undefined && kind !== mapping.kind) || !agrees(unit, mapping)) return undefined
    const renamed = [
      ...tags.flatMap((tag) => renamedTag(tag, mapping.tags) ?? []),
      ...Object.entries(mapping.set ?? {}).map(([key, value]) => ({ key, value })),
      ...(this.#originalTag ? [{ key: this.#originalTag, value: metric }] : []),
    ]
    if (new Set(renamed.map(({ key }) => key)).size < renamed.length) return undefined
    const conversion = conversionOf(mapping)
    return {
      metric: mapping.to,
      tags: renamed,
      kind: mapping.kind,
      unit: mapping.unit,
      ...(conversion && { conversion }),
    }
  }
}

function fits(where: Mapping['where'], tags: readonly Tag[]): boolean {
  return Object.entries(where ?? {}).every(([key, wanted]) =>
    tags.some((tag) => tag.key === key && (wanted === '*' || tag.value === wanted)),
  )
}

/** A series that tells no unit may have any. */
function agrees(told: string, { unit, fromUnit = unit }: Mapping): boolean {
  return told === '' || countable(told) === countable(fromUnit)
}

/** `{packet}` is a note in UCUM, and means 1. */
const countable = (unit: string) => (unit.startsWith('{') ? '1' : unit)

function renamedTag(tag: Tag, mappings: Mapping['tags']): Tag | undefined {
  const mapping = mappings && Object.hasOwn(mappings, tag.key) ? mappings[tag.key] : undefined
  if (!mapping) return tag
  const value = mappedValue(tag.value, mapping)
  return value === null ? undefined : { key: mapping.to, value }
}

function mappedValue(value: string, { values, without = '' }: TagMapping): string | null {
  if (values && Object.hasOwn(values, value)) return values[value]!
  return value.startsWith(without) ? value.slice(without.length) : value
}

function conversionOf({ times = 1, dividedBy = 1, plus = 0 }: Mapping): Conversion | undefined {
  return times === 1 && dividedBy === 1 && plus === 0 ? undefined : { times, dividedBy, plus }
}
