import avro, { type Type } from 'avsc'

/** Where avsc stands in a buffer. */
interface Tap {
  readonly buf: Buffer
  pos: number
  readLong(): number
  readString(): string
  skipLong(): void
}

interface Reading {
  _read(tap: Tap): unknown
}

const readingOf = (type: Type) => type as unknown as Reading

/**
 * Arrays and maps of schemas that others wrote. avsc believes a count out of the bytes: a few of them, made up, keep it
 * busy for hours. No item takes less than a byte here, so an array of nulls is read only if it is short.
 */
class BoundedArrayType extends avro.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items = readingOf(this.itemsType)
    const values: unknown[] = []
    for (let count = blockSize(tap); count !== 0; count = blockSize(tap)) {
      for (let i = 0; i < count; i++) values.push(items._read(tap))
    }
    return values
  }
}

/** A Map has no key that means something to JavaScript, as __proto__ does to an object. */
class BoundedMapType extends avro.types.MapType {
  _read(tap: Tap): Readonly<Record<string, unknown>> {
    const items = readingOf(this.valuesType as Type)
    const values = new Map<string, unknown>()
    for (let count = blockSize(tap); count !== 0; count = blockSize(tap)) {
      for (let i = 0; i < count; i++) values.set(tap.readString(), items._read(tap))
    }
    return Object.fromEntries(values)
  }
}

/** Blocks of items stand behind their number, negative when the block's size in bytes follows; 0 ends them. */
function blockSize(tap: Tap): number {
  let count = tap.readLong()
  if (count < 0) {
    count = -count
    tap.skipLong()
  }
  if (count > tap.buf.length - tap.pos) throw new RangeError('truncated buffer')
  return count
}

/** For avsc's `typeHook`: the type of an array or a map, undefined for all other schemas. */
export function boundedCollection(schema: avro.Schema, options: avro.ForSchemaOptions): Type | undefined {
  const { type } = schema as { readonly type?: unknown }
  if (type === 'array') return new BoundedArrayType(schema, options)
  return type === 'map' ? new BoundedMapType(schema, options) : undefined
}
