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

  it('let a reader that knows fewer kinds of series take those it does not know for gauges', () => {
    const ofKinds = (symbols: readonly string[]) =>
      avro.Type.forSchema({
        ...(readDefinitions().get('tidemark.SeriesKind') as avro.schema.EnumType),
        symbols: [...symbols],
      })
    const { symbols = [] } = readDefinitions().get('tidemark.SeriesKind')!
    const [before, today] = [ofKinds(['gauge', 'counter']), ofKinds(symbols)]
    const read = (kind: string) => before.fromBuffer(today.toBuffer(kind), before.createResolver(today))
    expect([read('counter'), read('set')]).toEqual(['counter', 'gauge'])
  })

  it('explain every record', () => {
    const silent = [...readDefinitions().values()].filter((definition: AvroDefinition) => !definition.doc)
    expect(silent.map(({ name }) => name)).toEqual([])
  })
})
