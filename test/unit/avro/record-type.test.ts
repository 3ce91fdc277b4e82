import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recordType } from '../../../shared/avro/record-type.ts'
import { completeSchema, recordNames } from '../../../shared/avro/schemas.ts'

const long = (value: number) => avro.Type.forSchema('long').toBuffer(value)
const far = 2 ** 40

const arrayOf = (items: unknown) => ({ type: 'array', items })
const tag = {
  type: 'record',
  name: 'Tag',
  fields: [
    { name: 'key', type: 'string' },
    { name: 'value', type: 'string' },
  ],
}
const recordOf = (fields: Readonly<Record<string, unknown>>) => ({
  type: 'record',
  name: 'R',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
})

describe.each([
  ['records', arrayOf(tag)],
  ['texts', arrayOf('string')],
  ['numbers', arrayOf('long')],
  ['lists', arrayOf(arrayOf('long'))],
  ['entries', { type: 'map', values: 'string' }],
])('%s', (_, collection) => {
  const reader = recordType(recordOf({ a: collection }))
  const bytes = (...parts: readonly Buffer[]) => Buffer.concat([...parts, Buffer.alloc(64)])
  const claims = [
    ['a count', bytes(long(far))],
    ['a count with a size', bytes(long(-far), long(1))],
    ['a count behind a short block', bytes(long(1), Buffer.alloc(2), long(far))],
    ['a count that does not end', Buffer.alloc(400, 0x80)],
  ] as const

  it.each(claims)('are refused with %s that the bytes can not hold', (_, content) => {
    expect(() => reader.fromBuffer(content)).toThrow()
  })

  it.each(claims)('are refused likewise where they are skipped: %s', (_, content) => {
    const writer = recordType(recordOf({ dropped: collection, b: 'int' }))
    const other = recordType(recordOf({ b: 'int' }))
    expect(() => other.fromBuffer(content, other.createResolver(writer))).toThrow()
  })

  it('are skipped in blocks, of known size or not', () => {
    const writer = recordType(recordOf({ dropped: collection, b: 'int' }))
    const other = recordType(recordOf({ b: 'int' }))
    const whole = writer.toBuffer({ dropped: sample(collection), b: 5 })
    expect(other.fromBuffer(whole, other.createResolver(writer))).toMatchObject({ b: 5 })
    const item = whole.subarray(1, -2)
    const sized = Buffer.concat([long(-1), long(item.length), item, long(0), long(5)])
    expect(other.fromBuffer(sized, other.createResolver(writer))).toMatchObject({ b: 5 })
  })
})

/** One item. */
function sample(collection: { readonly type: string; readonly items?: unknown }): unknown {
  if (collection.type === 'map') return { k: 'v' }
  if (collection.items === 'long') return [7]
  if (collection.items === 'string') return ['s']
  return collection.items === tag ? [{ key: 'k', value: 'v' }] : [[7]]
}

it('numbers that are widened are refused with a count that the bytes can not hold', () => {
  const reader = recordType(arrayOf('double'))
  const content = Buffer.concat([long(far), Buffer.alloc(64)])
  expect(() => reader.fromBuffer(content, reader.createResolver(recordType(arrayOf('long'))))).toThrow(
    'truncated buffer',
  )
})

it.each(recordNames)('%s of any bytes is read or refused', (name) => {
  const type = recordType(completeSchema(name))
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (content) => {
      try {
        type.fromBuffer(Buffer.from(content))
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
    { numRuns: 500 },
  )
})
