import avro from 'avsc'
import { expect, it } from 'vitest'
import { BoundedArrayType } from '../../../shared/avro/bounded-collections.ts'

let read = 0
class Counted extends avro.types.LogicalType {
  protected override _fromValue(value: unknown): unknown {
    read++
    return value
  }
}

it('no items are made behind the end of the bytes', () => {
  const type = new BoundedArrayType(
    { type: 'array', items: { type: 'string', logicalType: 'counted' } } as never,
    { registry: {}, logicalTypes: { counted: Counted as never } },
  )
  // As many items as there are bytes, the third of which claims to be longer than all of them.
  const long = avro.Type.forSchema('long')
  const bytes = Buffer.concat([
    long.toBuffer(900),
    Buffer.of(0, 0),
    long.toBuffer(5_000),
    Buffer.alloc(1_000),
  ])
  expect(() => type.fromBuffer(bytes)).toThrow('truncated buffer')
  expect(read).toBe(3)
})
