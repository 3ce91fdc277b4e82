import { z } from 'zod'

/** One part of the configuration file, declared where it is used; the reference page and the checks come from this. */
export interface Section<S extends z.ZodObject = z.ZodObject> {
  /** The key at the top of the file, and in the names of environment variables. */
  readonly name: string
  readonly description: string
  readonly schema: S
}

/** What is wrong with a combination of settings: where it is to be told, and a sentence. */
export interface Mistake {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/**
 * Declares a section. Each key has a default or is optional, and `.meta({ description, unit?, example?, secret? })`.
 * Durations are in milliseconds and sizes in bytes, with the unit in the name. `mistakesIn` checks what no key can
 * check by itself.
 */
export function section<T extends z.ZodRawShape>(
  name: string,
  description: string,
  shape: T,
  mistakesIn?: (config: z.output<z.ZodObject<T, z.core.$strict>>) => Iterable<Mistake>,
): Section<z.ZodObject<T, z.core.$strict>> {
  const schema = z.strictObject(shape)
  if (!mistakesIn) return { name, description, schema }
  const checked = schema.superRefine((config, context) => {
    for (const { path, message } of mistakesIn(config))
      context.addIssue({ code: 'custom', path: [...path], message })
  })
  return { name, description, schema: checked }
}

/** The values of a section, with defaults filled in. */
export type SectionConfig<S extends Section> = z.output<S['schema']>

/** A leaf of a section: one key that a person can set. */
export interface Setting {
  /** Keys below the top of the file, the section's name first. */
  readonly path: readonly string[]
  readonly schema: z.ZodType
  readonly description: string
  readonly unit?: string
  readonly example?: unknown
  readonly secret: boolean
  readonly default: unknown
}

/** All settings of a section, in the order they were declared, nested objects opened up. */
export function settingsOf({ name, schema }: Section): readonly Setting[] {
  return Object.entries(schema.shape).flatMap(([key, field]) => settings([name, key], field as z.ZodType))
}

function settings(path: readonly string[], field: z.ZodType): readonly Setting[] {
  const inner = unwrap(field)
  if (inner instanceof z.ZodObject) {
    return Object.entries(inner.shape).flatMap(([key, below]) => settings([...path, key], below as z.ZodType))
  }
  const meta = metaOf(field) as {
    description?: string
    unit?: string
    example?: unknown
    secret?: boolean
  }
  const parsed = field.safeParse(undefined)
  return [
    {
      path,
      schema: inner,
      description: meta.description ?? '',
      ...(meta.unit !== undefined && { unit: meta.unit }),
      ...(meta.example !== undefined && { example: meta.example }),
      secret: meta.secret ?? false,
      default: parsed.success ? parsed.data : undefined,
    },
  ]
}

/** What was declared at any level: metadata given before `.default()` or `.optional()` stays on the type inside. */
function metaOf(field: z.ZodType): object {
  const wrapped =
    field instanceof z.ZodDefault || field instanceof z.ZodOptional || field instanceof z.ZodPrefault
  return { ...(wrapped && metaOf(field.unwrap() as z.ZodType)), ...field.meta() }
}

/** The type below defaults and optionality. */
export function unwrap(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault
    ? unwrap(schema.unwrap() as z.ZodType)
    : schema
}
