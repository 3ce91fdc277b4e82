import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import avro from 'avsc'
import { describe, expect, it } from 'vitest'
import { generateTypes } from '../../../shared/avro/generate.ts'
import {
  type AvroDefinition,
  completeSchema,
  readDefinitions,
  recordNames,
} from '../../../shared/avro/schemas.ts'

describe('the schemas', () => {
  it('have types that do not drift from them', () => {
    expect(readFileSync(join(import.meta.dirname, '../../../shared/avro/types.ts'), 'utf8')).toBe(
      generateTypes(),
    )
  })

  it.each(recordNames)('%s is complete in itself', (name) => {
    expect(() => avro.Type.forSchema(completeSchema(name) as avro.Schema, { registry: {} })).not.toThrow()
  })

  it('explain every record', () => {
    const silent = [...readDefinitions().values()].filter((definition: AvroDefinition) => !definition.doc)
    expect(silent.map(({ name }) => name)).toEqual([])
  })
})
