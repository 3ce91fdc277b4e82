import type avro from 'avsc'
import type { Type } from 'avsc'
import { BoundedArrayType, blockSize } from './bounded-collections.ts'
import type { Tap } from './tap.ts'
import { readIntegers, writeInts, writeLongs } from './varints.ts'

/**
 * Arrays of int, long and double, read and written in one loop each. avsc goes through two calls and a check for every
 * item, which was most of the cost of a batch of points. The bytes are the same, and whatever is out of the ordinary
 * (no room in the buffer, a value that is no number, another type in the writer's schema) is left to avsc itself.
 */
class NumberArrayType extends BoundedArrayType {
  _write(tap: Tap, values: readonly number[]): void {
    if (!writeNumbers(tap, itemsOf(this), values)) generic._write.call(this, tap, values)
  }

  override _read(tap: Tap): number[] {
    return readNumbers(tap, itemsOf(this))
  }

  _update(resolver: { _read?: (tap: Tap) => unknown }, type: Type, options: unknown): void {
    generic._update.call(this, resolver, type, options)
    const items = itemsOf(this)
    const written = type instanceof NumberArrayType && itemsOf(type)
    if (resolver._read) resolver._read = items === written ? (tap) => readNumbers(tap, items) : generic._read
  }
}

/** For avsc's `typeHook`: the type of such an array, undefined for all other schemas. */
export function numberArrayType(schema: avro.Schema, options: avro.ForSchemaOptions): Type | undefined {
  const { type, items } = schema as { readonly type?: unknown; readonly items?: unknown }
  return type === 'array' && typeof items === 'string' && items in itemTypes
    ? new NumberArrayType(schema, options)
    : undefined
}

interface ArrayMethods {
  _write(tap: Tap, values: unknown): void
  _read(tap: Tap): unknown
  _update(resolver: object, type: Type, options: unknown): void
}

const generic = BoundedArrayType.prototype as unknown as ArrayMethods

interface Items {
  readonly minBytes: number
  readonly maxBytes: number
  /** Puts `values` into `bytes` from `at` on, where there is room; answers where they end, or -1 if one is not of this type. */
  write(bytes: Buffer, at: number, values: readonly number[]): number
  /** Fills places [from, to) of `values`; answers where they end in `bytes`, beyond its length if they are cut off. */
  read(bytes: Buffer, at: number, values: number[], from: number, to: number): number
}

const itemsOf = (array: avro.types.ArrayType): Items =>
  itemTypes[array.itemsType.typeName as keyof typeof itemTypes]

/** One block of items. False, with nothing written, when there is no room to spare or a value is of another type. */
function writeNumbers(tap: Tap, { maxBytes, write }: Items, values: readonly number[]): boolean {
  if (!Array.isArray(values) || values.length === 0) return false
  const start = tap.pos
  if (start + (values.length + 2) * maxBytes > tap.buf.length) return false
  tap.writeLong(values.length)
  const end = write(tap.buf, tap.pos, values)
  tap.pos = end < 0 ? start : end
  if (end >= 0) tap.writeLong(0)
  return end >= 0
}

function readNumbers(tap: Tap, { minBytes, read }: Items): number[] {
  let values: number[] = []
  let from = 0
  for (let count = blockSize(tap, minBytes); count !== 0; count = blockSize(tap, minBytes)) {
    if (from === 0) values = new Array<number>(count)
    tap.pos = read(tap.buf, tap.pos, values, from, from + count)
    from += count
  }
  return values
}

const dataView = (bytes: Buffer) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

const itemTypes = {
  int: { minBytes: 1, maxBytes: 5, write: writeInts, read: readIntegers },
  long: { minBytes: 1, maxBytes: 10, write: writeLongs, read: readIntegers },
  double: {
    minBytes: 8,
    maxBytes: 8,
    write(bytes, at, values) {
      const view = dataView(bytes)
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!
        if (typeof value !== 'number') return -1
        view.setFloat64(at + 8 * i, value, true)
      }
      return at + 8 * values.length
    },
    read(bytes, at, values, from, to) {
      const view = dataView(bytes)
      for (let i = from; i < to; i++) values[i] = view.getFloat64(at + 8 * (i - from), true)
      return at + 8 * (to - from)
    },
  },
} satisfies Readonly<Record<string, Items>>
