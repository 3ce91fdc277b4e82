import protobuf from 'protobufjs'
import { typeIn } from './message-type.ts'
import { StrictReader } from './strict-reader.ts'

/** A field as it lies in the bytes: its tag is number · 8 + wire type, its value in [from, to). */
export interface Field {
  readonly tag: number
  readonly from: number
  readonly to: number
}

const lengthDelimited = 2

/** The fields in bytes [from, to), whatever they mean. Throws RangeError when they are no fields, or do not end at `to`. */
export function* fieldsOf(bytes: Buffer, from: number, to: number): Generator<Field> {
  const reader = new StrictReader(bytes)
  reader.pos = from
  reader.len = to
  while (reader.pos < to) yield fieldAt(reader)
}

function fieldAt(reader: StrictReader): Field {
  try {
    const tag = reader.uint32()
    const wireType = tag & 7
    if (tag >>> 3 === 0 || wireType === 3 || wireType === 4) throw new RangeError('no field of proto3')
    if (wireType === lengthDelimited) {
      const length = reader.uint32()
      const from = reader.pos
      reader.skip(length)
      return { tag, from, to: reader.pos }
    }
    const from = reader.pos
    reader.skipType(wireType)
    return { tag, from, to: reader.pos }
  } catch (error) {
    throw error instanceof RangeError ? error : new RangeError((error as Error).message)
  }
}

/** The tags that the fields of a message may have; those of repeated numbers packed. */
export function tagsOf(file: string, name: string): ReadonlySet<number> {
  const { fieldsArray } = typeIn(file, name)
  return new Set(fieldsArray.map((field) => field.id * 8 + wireTypeOf(field.resolve())))
}

function wireTypeOf({ type, repeated, resolvedType }: protobuf.Field): number {
  if (resolvedType instanceof protobuf.Enum) return 0
  const basic = protobuf.types.basic as Readonly<Record<string, number>>
  return repeated ? lengthDelimited : (basic[type] ?? lengthDelimited)
}
