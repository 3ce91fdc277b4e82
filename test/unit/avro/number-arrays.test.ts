import avro, { type Schema } from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberArrayType } from '../../../shared/avro/number-arrays.ts'
import { completeSchema } from '../../../shared/avro/schemas.ts'
import type { PointBatch } from '../../../shared/avro/types.ts'

const ours = (schema: unknown) =>
  avro.Type.forSchema(schema as Schema, { registry: {}, typeHook: numberArrayType })
const avscs = (schema: unknown) => avro.Type.forSchema(schema as Schema, { registry: {} })
const arrayOf = (items: string) => ({ type: 'array', items })

const int = fc.integer()
const long = fc.oneof(
  // Beyond it avsc rounds.
  fc.maxSafeInteger().map((value) => Math.trunc(value / 2)),
  fc.integer(),
  fc.integer({ min: -70, max: 70 }),
  fc.constantFrom(
    ...[27, 28, 29, 30, 31, 32, 40, 51].flatMap((n) => [2 ** n, 2 ** n - 1, -(2 ** n), -(2 ** n) - 1]),
  ),
)
const double = fc.double()
const cases = [
  ['int', int],
  ['long', long],
  ['double', double],
] as const

/** avsc writes into a buffer of its own first, so that our room to spare is there. */
const encode = (type: avro.Type, value: unknown) => {
  const buffer = Buffer.alloc(8_192)
  const end = type.encode(value, buffer, 0)
  return end < 0 ? end : buffer.subarray(0, end)
}

describe.each(cases)('an array of %s', (items, number) => {
  const type = ours(arrayOf(items))
  const model = avscs(arrayOf(items))

  it('has the bytes that avsc gives it, and is read back', () => {
    fc.assert(
      fc.property(fc.array(number as fc.Arbitrary<number>, { maxLength: 300 }), (values) => {
        const bytes = model.toBuffer(values)
        expect(encode(type, values)).toEqual(bytes)
        expect(type.toBuffer(values)).toEqual(bytes)
        expect(type.fromBuffer(bytes)).toEqual(model.fromBuffer(bytes))
      }),
    )
  })

  it('is refused as avsc refuses it when it is cut off or too long', () => {
    fc.assert(
      fc.property(
        fc.array(number as fc.Arbitrary<number>, { minLength: 1, maxLength: 20 }),
        fc.nat(1_000),
        (values, cut) => {
          const bytes = model.toBuffer(values)
          expect(() => type.fromBuffer(bytes.subarray(0, cut % bytes.length))).toThrow('truncated buffer')
          expect(() => type.fromBuffer(Buffer.concat([bytes, Buffer.of(0)]))).toThrow('trailing data')
        },
      ),
    )
  })

  it.each([['text'], [null], [undefined], [[]]])('is refused with %j in it', (wrong) => {
    expect(() => encode(type, [1, wrong])).toThrow('invalid')
  })

  it.each([[null], [undefined], ['text'], [{ length: 1, 0: 1 }]])('is refused when it is %j', (wrong) => {
    expect(() => encode(type, wrong)).toThrow('invalid')
  })

  it('says how much room it lacks', () => {
    const values = Array.from({ length: 2_000 }, (_, i) => i)
    const needed = model.toBuffer(values).length
    for (const room of [0, 10, needed - 1]) {
      expect(type.encode(values, Buffer.alloc(room), 0)).toBe(room - needed)
    }
    expect(type.encode(values, Buffer.alloc(needed), 0)).toBe(needed)
  })

  it('is read in blocks, of known size or not, as other writers make them', () => {
    const item = (value: number) => avscs(items).toBuffer(value)
    const long = (value: number) => avscs('long').toBuffer(value)
    const sized = Buffer.concat([item(3), item(4)])
    const bytes = [long(2), item(1), item(2), long(-2), long(sized.length), sized, long(1), item(5), long(0)]
    expect(type.fromBuffer(Buffer.concat(bytes))).toEqual([1, 2, 3, 4, 5])
  })

  it('does not believe a length that the bytes can not hold', () => {
    const bytes = Buffer.concat([avscs('long').toBuffer(2 ** 40), Buffer.alloc(64)])
    expect(() => type.fromBuffer(bytes)).toThrow('truncated buffer')
  })
})

it.each([
  ['int', 2 ** 31],
  ['int', 1.5],
  ['long', 1.5],
  ['long', 2 ** 53],
  ['long', Number.NaN],
])('an array of %s takes no %d', (items, value) => {
  expect(() => encode(ours(arrayOf(items)), [1, value])).toThrow('invalid')
})

it('an array of long takes all safe integers', () => {
  const zigzag = (value: number) => BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  const varint = (value: bigint): readonly number[] =>
    value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)]
  const type = ours(arrayOf('long'))
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const bytes = encode(type, [value]) as Buffer
      expect([...bytes]).toEqual([2, ...varint(zigzag(value)), 0])
      expect(type.fromBuffer(bytes)).toEqual([value])
    }),
  )
})

it('an array of long is refused when one is too large to be exact', () => {
  const tooLarge = Buffer.of(2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f, 0)
  expect(() => ours(arrayOf('long')).fromBuffer(tooLarge)).toThrow('too large to be exact')
  expect(() => avscs(arrayOf('long')).fromBuffer(tooLarge)).toThrow('precision')
})

describe('a schema of another writer', () => {
  it.each([
    ['long', 'int', [1, -2, 300_000]],
    ['double', 'long', [1, -2, 2 ** 40]],
    ['double', 'double', [1.5, -2]],
    ['long', 'long', [2 ** 40]],
  ])('is read: %s from %s', (items, written, values) => {
    const reader = ours(arrayOf(items))
    const writer = ours(arrayOf(written))
    expect(reader.fromBuffer(writer.toBuffer(values), reader.createResolver(writer))).toEqual(values)
  })

  it('is refused when its numbers do not fit', () => {
    expect(() => ours(arrayOf('int')).createResolver(ours(arrayOf('double')))).toThrow('cannot read')
    expect(() => ours(arrayOf('int')).createResolver(ours('int'))).toThrow('cannot read')
  })

  it('may lack fields of a batch of points', () => {
    const schema = completeSchema('PointBatch') as { readonly fields: readonly { readonly name: string }[] }
    const newer = new Set(['histograms', 'packed'])
    const older = ours({ ...schema, fields: schema.fields.filter(({ name }) => !newer.has(name)) })
    const reader = ours(schema)
    expect(reader.fromBuffer(older.toBuffer(batch), reader.createResolver(older))).toEqual(batch)
  })
})

const batch: PointBatch = {
  source: {
    topic: 'raw',
    partition: 1,
    firstOffset: 5,
    lastOffset: 2 ** 40,
    lastTimestamp: 1_700_000_000_000,
    partitions: 4,
  },
  series: [{ metric: 'cpu.user', tags: [{ key: 'host', value: 'é' }], kind: 'gauge', unit: '' }],
  seriesIndex: Array.from({ length: 1_000 }, (_, i) => i * 7),
  times: Array.from({ length: 1_000 }, (_, i) => 1_700_000_000_000 + i * 1_000_003),
  values: Array.from({ length: 1_000 }, (_, i) => i / 3 - 100),
  histograms: [],
  exemplars: [],
  packed: null,
  sourceIsIdle: null,
  sourceTime: null,
}

it('a batch of points has the bytes that avsc gives it', () => {
  const schema = completeSchema('PointBatch')
  const bytes = avscs(schema).toBuffer(batch)
  expect(ours(schema).toBuffer(batch)).toEqual(bytes)
  expect(ours(schema).fromBuffer(bytes)).toEqual(batch)
})
