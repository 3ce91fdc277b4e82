/**
 * Writes `types.ts` from the schemas: `node shared/avro/generate.ts`, or with `--check` fails when the file on disk
 * is not what would be written.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AvroDefinition, type AvroSchema, isUnion, readDefinitions } from './schemas.ts'

const primitives: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Uint8Array',
}

function typeOf(schema: AvroSchema): string {
  if (typeof schema === 'string') return primitives[schema] ?? schema.slice(schema.lastIndexOf('.') + 1)
  if (isUnion(schema)) return schema.map(typeOf).join(' | ')
  if (schema.type === 'array') return `readonly ${parenthesized(typeOf(schema.items!))}[]`
  if (schema.type === 'map') return `Readonly<Record<string, ${typeOf(schema.values!)}>>`
  return typeOf(schema.type)
}

const parenthesized = (type: string) => (/[ |]/.test(type) ? `(${type})` : type)
const comment = (doc: string | undefined, indent: string) => (doc ? `${indent}/** ${doc} */\n` : '')

function declarationOf(definition: AvroDefinition): string {
  const head = `${comment(definition.doc, '')}export `
  if (definition.type === 'enum') {
    return `${head}type ${definition.name} = ${definition.symbols!.map((symbol) => `'${symbol}'`).join(' | ')}\n`
  }
  const fields = definition.fields!.map(
    (field) => `${comment(field.doc, '  ')}  readonly ${field.name}: ${typeOf(field.type)}\n`,
  )
  return `${head}interface ${definition.name} {\n${fields.join('')}}\n`
}

/** The text of `types.ts`. */
export function generateTypes(): string {
  const declarations = [...readDefinitions().values()].map(declarationOf)
  return `// Generated from schemas/*.avsc by \`npm run generate\`: do not edit.\n\n${declarations.join('\n')}`
}

if (import.meta.main) {
  const file = join(import.meta.dirname, 'types.ts')
  const wanted = generateTypes()
  if (!process.argv.includes('--check')) writeFileSync(file, wanted)
  else if (readFileSync(file, 'utf8') !== wanted) {
    console.error(
      'shared/avro/types.ts does not match schemas/: run `npm run generate` and commit the result',
    )
    process.exitCode = 1
  }
}
