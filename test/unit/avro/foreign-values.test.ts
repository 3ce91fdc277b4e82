import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ForeignValues } from '../../../shared/avro/foreign-values.ts'
import type { Written } from '../../../shared/avro/registry.ts'
import type { AvroDefinition } from '../../../shared/avro/schemas.ts'
import { BadRecordError } from '../../../shared/errors.ts'

const frame = (id: number, content: Buffer) => {
  const head = Buffer.alloc(5)
  head.writeInt32BE(id, 1)
  return Buffer.concat([head, content])
}

const avroOf = (schema: unknown) => ({ kind: 'AVRO', schema: schema as AvroDefinition }) as const

/** What is read of a value framed with id 7, which the registry knows as `written`. */
async function read(written: Written | undefined, content: Buffer): Promise<string> {
  const values = new ForeignValues({ written: async (id) => (id === 7 ? written : undefined) })
  const bytes = frame(7, content)
  expect(values.isPrepared(bytes)).toBe(false)
  await values.prepare(bytes)
  expect(values.isPrepared(bytes)).toBe(true)
  return values.read(bytes).toString()
}

const event = {
  type: 'record',
  name: 'Event',
  namespace: 'others',
  fields: [
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'ns', type: 'long' },
    { name: 'host', type: ['null', 'string'] },
    { name: 'tags', type: { type: 'map', values: 'string' } },
    { name: 'numbers', type: { type: 'array', items: 'double' } },
    { name: 'raw', type: 'bytes' },
  ],
}

describe('values of other programs', () => {
  it('are read as JSON when they are Avro, longs with all their digits', async () => {
    const bigint = avro.types.LongType.__with({
      fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
      toBuffer: (value: bigint) => {
        const bytes = Buffer.alloc(8)
        bytes.writeBigInt64LE(value)
        return bytes
      },
      fromJSON: BigInt,
      toJSON: Number,
      isValid: (value: unknown) => typeof value === 'bigint',
      compare: (a: bigint, b: bigint) => Number(a - b),
    })
    const type = avro.Type.forSchema(event as never, {
      registry: { long: bigint } as never,
      typeHook: (schema) => ((schema as { type?: unknown }).type === 'long' ? bigint : undefined),
    })
    const content = type.toBuffer({
      at: 1_700_000_000_000n,
      ns: 1_700_000_000_123_456_789n,
      host: 'a',
      tags: { ['__proto__']: 'x', region: 'eu' },
      numbers: [1, 2.5],
      raw: Buffer.from([0xff, 0xfe]),
    })
    const text = await read(avroOf(event), content)
    expect(text).toContain('"ns":1700000000123456789')
    expect(JSON.parse(text)).toMatchObject({
      at: 1_700_000_000_000,
      host: 'a',
      tags: { region: 'eu' },
      numbers: [1, 2.5],
      raw: '//4=',
    })
  })

  it('are read as their content when they are a string or bytes', async () => {
    const type = avro.Type.forSchema('string')
    expect(await read(avroOf('string'), type.toBuffer('m v=1'))).toBe('m v=1')
    expect(await read(avroOf('bytes'), avro.Type.forSchema('bytes').toBuffer(Buffer.from('m v=2')))).toBe(
      'm v=2',
    )
  })

  it('are read as they are when they are JSON', async () => {
    expect(await read({ kind: 'JSON' }, Buffer.from('{"a":1}'))).toBe('{"a":1}')
  })

  it.each([
    ['the first message', [0]],
    ['the third message', [2, 4]],
    ['a message in a message', [4, 2, 0x80, 0x01]],
  ])('are read without their indexes when they are Protocol Buffers: %s', async (_, indexes) => {
    const content = Buffer.concat([Buffer.from(indexes), Buffer.from('message')])
    expect(await read({ kind: 'PROTOBUF' }, content)).toBe('message')
  })

  it('are as they are without a frame', () => {
    const values = new ForeignValues({ written: async () => undefined })
    const bytes = Buffer.from('m v=1')
    expect(values.isPrepared(bytes)).toBe(true)
    expect(values.read(bytes)).toBe(bytes)
  })

  it.each<[string, Written | undefined, number[], string]>([
    ['an id nobody has registered', undefined, [1], 'unknown_schema'],
    ['a schema that is none', avroOf({ type: 'nonsense' }), [1], 'unknown_schema'],
    ['a kind that nobody knows', { kind: 'XML' }, [1], 'unknown_schema'],
    ['bytes that are cut off', avroOf('string'), [20, 65], 'undecodable'],
    ['bytes that are too many', avroOf('string'), [2, 65, 66], 'undecodable'],
    ['indexes that are cut off', { kind: 'PROTOBUF' }, [4, 0x80], 'undecodable'],
    [
      'a count of items that are not there',
      avroOf({ type: 'array', items: 'null' }),
      [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
      'undecodable',
    ],
    [
      'a count of entries that are not there',
      avroOf({ type: 'map', values: 'null' }),
      [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
      'undecodable',
    ],
  ])('are refused: %s', async (_, written, content, reason) => {
    await expect(read(written, Buffer.from(content))).rejects.toMatchObject({ reason })
  })

  it('cost a record and no more, whatever the bytes', async () => {
    const values = new ForeignValues({ written: async () => avroOf(event) })
    await values.prepare(frame(7, Buffer.alloc(1)))
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (content) => {
        try {
          values.read(frame(7, Buffer.from(content)))
        } catch (error) {
          expect(error).toBeInstanceOf(BadRecordError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
