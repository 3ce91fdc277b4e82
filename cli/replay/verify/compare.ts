/** The fields of a window's point by name: numbers, and the ids of its exemplar. */
export type Fields = Readonly<Record<string, number | string>>

/** A window as both sides know it: measurement, tags and start make its key. */
export interface Comparable {
  readonly measurement: string
  /** Sorted by key; `window` among them. */
  readonly tags: readonly (readonly [string, string])[]
  readonly start: number
  readonly fields: Fields
}

type Difference = Omit<Comparable, 'fields'> &
  (
    | { readonly kind: 'missing' | 'extra' }
    | {
        readonly kind: 'field'
        readonly field: string
        readonly stored: Fields[string]
        readonly recomputed: Fields[string]
      }
  )

/** What says nothing about the samples: how often a window was corrected differs between live and replay. */
const ignored: ReadonlySet<string> = new Set(['revision'])

/** They come of sums, whose last bits depend on how partial sums were put together. */
const sums: ReadonlySet<string> = new Set([
  'sum',
  'mean',
  'rate',
  'increase',
  'numerator',
  'denominator',
  'ratio',
])
const relativeTolerance = 1e-12

/**
 * Holds what a store has against what was recomputed. `missing` is what the store lacks, `extra` what it has though
 * nothing was recomputed for it; a window that was left without samples is as good as none. Fields are compared exactly, those that come of sums within 1e-12 of their size.
 */
export function* compare(
  stored: ReadonlyMap<string, Comparable>,
  recomputed: ReadonlyMap<string, Comparable>,
): Generator<Difference> {
  for (const [key, { fields, ...place }] of recomputed) {
    const found = stored.get(key)
    if (!found) {
      if (!isEmpty(fields)) yield { ...place, kind: 'missing' }
      continue
    }
    for (const [field, value] of Object.entries(fields)) {
      const other = found.fields[field] ?? Number.NaN
      if (!ignored.has(field) && !isSame(field, other, value))
        yield { ...place, kind: 'field', field, stored: other, recomputed: value }
    }
  }
  for (const [key, { fields, ...place }] of stored)
    if (!recomputed.has(key) && !isEmpty(fields)) yield { ...place, kind: 'extra' }
}

/** No samples, denominator or members: such a window is written only over one that had some. */
const isEmpty = ({ count, denominator = 0, distinct = 0 }: Fields) =>
  count === 0 && denominator === 0 && distinct === 0

export function keyOf({ measurement, tags, start }: Omit<Comparable, 'fields'>): string {
  return JSON.stringify([measurement, tags, start])
}

function isSame(field: string, one: Fields[string], other: Fields[string]): boolean {
  if (Object.is(one, other) || one === other) return true
  if (typeof one === 'string' || typeof other === 'string') return false
  const size = Math.max(Math.abs(one), Math.abs(other))
  return sums.has(field) && Math.abs(one - other) <= relativeTolerance * size
}

/** One line for a person. */
export function sentenceOf(difference: Difference): string {
  const { measurement, tags, start } = difference
  const series = [measurement, ...tags.map(([key, value]) => `${key}=${value}`)].join(',')
  const place = `${new Date(start).toISOString()} ${series}`
  if (difference.kind === 'field') {
    const { field, stored, recomputed } = difference
    return `${place}: ${field} is ${Number.isNaN(stored) ? 'absent' : stored} in InfluxDB, recomputed ${recomputed}`
  }
  return difference.kind === 'missing'
    ? `${place}: missing in InfluxDB`
    : `${place}: in InfluxDB, but nothing was recomputed for it`
}
