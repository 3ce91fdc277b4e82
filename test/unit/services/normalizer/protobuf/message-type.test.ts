import fc from 'fast-check'
import { expect, test } from 'vitest'
import { messageType, typeIn } from '../../../../../services/normalizer/protobuf/message-type.ts'
import { BadRecordError } from '../../../../../shared/errors.ts'

const definition = [
  'opentelemetry/proto/common/v1/common.proto',
  'opentelemetry.proto.common.v1.KeyValue',
] as const
interface KeyValue {
  readonly key: string
  readonly value: { readonly stringValue: string | null }
}
const keyValue = messageType<KeyValue>(...definition)
const encode = (value: object) =>
  Buffer.from(
    typeIn(...definition)
      .encode(value)
      .finish(),
  )

test('A message is read by its published definition.', () => {
  const { key, value } = keyValue.decode(encode({ key: 'région', value: { stringValue: 'Zürich' } }))
  expect([key, value.stringValue]).toEqual(['région', 'Zürich'])
})

test('Fields that nobody reads are passed over.', () => {
  const keys = messageType<KeyValue>(...definition, {
    unread: ['opentelemetry.proto.common.v1.KeyValue.value'],
  })
  expect(Object.keys(keys.decode(encode({ key: 'a', value: { stringValue: 'b' } })))).toEqual(['key'])
})

test.each([
  ['a length beyond the end', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]],
  ['a message whose length leads beyond the end', [0x12, 0x7f, 0x0a, 0x01, 0x61]],
  ['a text whose length leads beyond its message', [0x12, 0x02, 0x0a, 0x05, 0x0a, 0x03, 0x61, 0x62, 0x63]],
  ['a number that does not end', Array.from({ length: 12 }, () => 0xff)],
  ['messages nested too deep', nested(200)],
])('%s is refused.', (_, bytes) => {
  expect(() => keyValue.decode(Buffer.from(bytes))).toThrow(BadRecordError)
})

test('Any bytes are read or refused, and nothing is allocated for lengths that they lie about.', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(fc.constantFrom(0x0a, 0x12, 0x1a, 0x2a, 0x32, 0x08, 0x01, 0x7f, 0xff), { maxLength: 60 }),
  )
  fc.assert(
    fc.property(bytes, (some) => {
      try {
        keyValue.decode(Buffer.from(some))
      } catch (error) {
        expect(error).toBeInstanceOf(BadRecordError)
      }
    }),
  )
})

/** A key-value list in a key-value list and so on, each with the right length. */
function nested(depth: number): number[] {
  let bytes: number[] = []
  for (let i = 0; i < depth; i++) {
    for (const tag of [0x0a, 0x32, 0x12]) bytes = [tag, ...varint(bytes.length), ...bytes]
  }
  return bytes
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}
