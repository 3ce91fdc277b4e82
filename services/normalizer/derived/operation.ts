import type { Tag } from '../../../shared/avro/types.ts'

/** What one request, call, query or message tells: which series its points belong to. Names are OpenTelemetry's, where it has any. */
export interface Operation {
  /** Of the durations: a distribution, in seconds. */
  readonly duration: string
  /** How many there were: a delta. */
  readonly count: { readonly metric: string; readonly unit: string; readonly value: number } | undefined
  /** How many of them were errors of the business. */
  readonly businessErrors: string
  readonly tags: readonly Tag[]
}

/** Texts by name, as log events and spans have them. */
type Attributes = Readonly<Record<string, string>>

/** The first of these attributes that has a text; its name has changed over the years, or by tracer. */
export function textIn(attributes: Attributes, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = Object.hasOwn(attributes, name) ? attributes[name] : undefined
    if (text) return text
  }
  return undefined
}

/**
 * The value, or `_OTHER`, of a tag whose values strangers choose; see BoundedValues. `learns` is false where a new value is
 * not worth a place.
 */
export type Bound = (tag: string, value: string, learns?: boolean) => string

/** What conventions call a value that is not known. */
export const other = '_OTHER'

/** Tags, of those that have a value. */
export function tagsOf(values: Readonly<Record<string, string | undefined>>): readonly Tag[] {
  const tags: Tag[] = []
  for (const key in values) {
    const value = values[key]
    if (value) tags.push({ key, value })
  }
  return tags
}

/** The class of an error, as its program names it: a sentence is none. */
export const errorTypeOf = (attributes: Attributes): string | undefined => {
  const told = textIn(attributes, 'error.type')
  return told === undefined || /^[\w.$:/<>-]{1,200}$/.test(told) ? told : other
}
