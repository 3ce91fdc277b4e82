import avro, { type Type } from 'avsc'
import type { Tap } from './tap.ts'

interface Items {
  _read(tap: Tap): unknown
  _skip(tap: Tap): void
}

const itemsOf = (type: Type) => type as unknown as Items

/**
 * Arrays and maps that cost no more than their bytes. avsc believes a count out of the bytes: a few of them, damaged or
 * made up, fill the memory or keep it busy for hours. No item takes less than a byte here, so an array of nulls is read only if it
 * is short.
 */
export class BoundedArrayType extends avro.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items = itemsOf(this.itemsType)
    let values: unknown[] = []
    let at = 0
    for (let count = blockSize(tap); count !== 0; count = blockSize(tap)) {
      if (at === 0) values = new Array<unknown>(count)
      for (const end = at + count; at < end; at++) {
        values[at] = items._read(tap)
        checkEnd(tap)
      }
    }
    return values
  }

  _skip(tap: Tap): void {
    const items = itemsOf(this.itemsType)
    for (let count = blockSize(tap); count !== 0; count = blockSize(tap)) {
      for (let i = 0; i < count; i++) {
        items._skip(tap)
        checkEnd(tap)
      }
    }
  }
}

/** A Map has no key that means something to JavaScript, as __proto__ does to an object. */
class BoundedMapType extends avro.types.MapType {
  _read(tap: Tap): Readonly<Record<string, unknown>> {
    const items = itemsOf(this.valuesType as Type)
    const values = new Map<string, unknown>()
    for (let count = blockSize(tap); count !== 0; count = blockSize(tap)) {
      for (let i = 0; i < count; i++) {
        values.set(tap.readString(), items._read(tap))
        checkEnd(tap)
      }
    }
    return Object.fromEntries(values)
  }

  _skip(tap: Tap): void {
    const items = itemsOf(this.valuesType as Type)
    for (let count = blockSize(tap); count !== 0; count = blockSize(tap)) {
      for (let i = 0; i < count; i++) {
        tap.skipString()
        items._skip(tap)
        checkEnd(tap)
      }
    }
  }
}

/**
 * Blocks of items stand behind their number, negative when the block's size in bytes follows; 0 ends them. Throws
 * RangeError when the bytes left can't hold that many, of at least `minBytes` each.
 */
export function blockSize(tap: Tap, minBytes = 1): number {
  let count = tap.readLong()
  if (count < 0) {
    count = -count
    tap.skipLong()
  }
  // Not the other way round: NaN comes of a number that does not end.
  if (!(count * minBytes <= Math.max(0, tap.buf.length - tap.pos))) throw cutOff()
  return count
}

/** avsc reads on behind the end, and finds nothing there: not as often as a block has items. */
function checkEnd({ pos, buf }: Tap): void {
  if (pos > buf.length) throw cutOff()
}

/** As avsc says it. */
const cutOff = () => new RangeError('truncated buffer')

/** For avsc's `typeHook`: the type of an array or a map, undefined for all other schemas. */
export function boundedCollection(schema: avro.Schema, options: avro.ForSchemaOptions): Type | undefined {
  const { type } = schema as { readonly type?: unknown }
  if (type === 'array') return new BoundedArrayType(schema, options)
  return type === 'map' ? new BoundedMapType(schema, options) : undefined
}
