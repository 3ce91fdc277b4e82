import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The schemas that are records of topics; the others in `schemas/` are parts of them. */
export const recordNames = [
  'PointBatch',
  'PartialBatch',
  'LogBatch',
  'SpanBatch',
  'WindowBatch',
  'Anomaly',
  'Finding',
  'Incident',
  'PeerBatch',
  'ExpectationBatch',
  'Marker',
  'DeadLetter',
] as const
export type RecordName = (typeof recordNames)[number]

/** Records that are kept as state: no topic's schema, so the registry does not know them. */
export type StateName =
  | 'SeriesState'
  | 'WatchState'
  | 'IncidentState'
  | 'MarkerState'
  | 'PeerGroupState'
  | 'PeerMemberState'
  | 'EntityState'

/** An Avro schema as JSON: a name of another type, or a definition. */
export type AvroSchema = string | readonly AvroSchema[] | AvroDefinition
export interface AvroDefinition {
  readonly type: AvroSchema
  readonly name?: string
  readonly namespace?: string
  readonly doc?: string
  readonly fields?: readonly AvroField[]
  readonly symbols?: readonly string[]
  readonly items?: AvroSchema
  readonly values?: AvroSchema
  readonly default?: unknown
}
interface AvroField {
  readonly name: string
  readonly type: AvroSchema
  readonly doc?: string
  readonly default?: unknown
}

const folder = join(import.meta.dirname, '..', '..', 'schemas')

/** All definitions in `schemas/`, by full name such as `tidemark.Series`. */
export function readDefinitions(): ReadonlyMap<string, AvroDefinition> {
  const definitions = new Map<string, AvroDefinition>()
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith('.avsc'))
    .sort()) {
    const definition = JSON.parse(readFileSync(join(folder, file), 'utf8')) as AvroDefinition
    if (file !== `${definition.name}.avsc`)
      throw new Error(`schemas/${file} defines ${definition.name}: one record a file, named alike`)
    definitions.set(`${definition.namespace}.${definition.name}`, definition)
  }
  return definitions
}

/**
 * One self-contained schema: each named type is written out where it is first used, and by name after that, as the
 * Avro specification wants it. The registry then needs no references, and any client can read what it holds.
 */
export function completeSchema(
  name: RecordName | StateName,
  definitions = readDefinitions(),
): AvroDefinition {
  const written = new Set<string>()
  const expand = (schema: AvroSchema): AvroSchema => {
    if (typeof schema === 'string') {
      const definition = definitions.get(schema)
      if (!definition || written.has(schema)) return schema
      written.add(schema)
      return expandParts(definition)
    }
    return isUnion(schema) ? schema.map(expand) : expandParts(schema)
  }
  const expandParts = (definition: AvroDefinition): AvroDefinition => ({
    ...definition,
    ...(definition.fields && {
      fields: definition.fields.map((field) => ({ ...field, type: expand(field.type) })),
    }),
    ...(definition.items && { items: expand(definition.items) }),
    ...(definition.values && { values: expand(definition.values) }),
  })
  return expand(`tidemark.${name}`) as AvroDefinition
}

/** Array.isArray does not narrow a readonly array. */
export const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema)
