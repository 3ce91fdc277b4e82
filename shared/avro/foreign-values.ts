import { isUtf8 } from 'node:buffer'
import avro, { type Type } from 'avsc'
import { BadRecordError } from '../errors.ts'
import { boundedCollection } from './bounded-collections.ts'
import { frameBytes, schemaId } from './frame.ts'
import type { Registry, Written } from './registry.ts'

/** Ids are out of strangers' bytes: many made up ones must not fill the memory. */
const maxKnown = 10_000

/** Gives the content of a framed value as the bytes that it would be without its frame. */
type Unframe = (framed: Buffer) => Buffer

/**
 * Reads what other programs have written with Confluent's serializers, whatever its schema: JSON as it is, Protocol
 * Buffers without the frame, a string or bytes of Avro as their content, and any other Avro as the same value in JSON.
 */
export class ForeignValues {
  readonly #registry: Pick<Registry, 'written'>
  readonly #known = new Map<number, Unframe | undefined>()

  constructor(registry: Pick<Registry, 'written'>) {
    this.#registry = registry
  }

  /** Whether `read` can say something about these bytes without another look at the registry. */
  isPrepared(bytes: Buffer): boolean {
    const id = schemaId(bytes)
    return id === undefined || this.#known.has(id)
  }

  /** Loads the schema of these bytes. Throws RetryableError when the registry is away. */
  async prepare(bytes: Buffer): Promise<void> {
    const id = schemaId(bytes)
    if (id === undefined || this.#known.has(id)) return
    const schema = await this.#registry.written(id)
    if (this.#known.size >= maxKnown) this.#known.clear()
    this.#known.set(id, schema && unframeOf(schema))
  }

  /** The content; bytes without a frame as they are. Throws BadRecordError. */
  read(bytes: Buffer): Buffer {
    const id = schemaId(bytes)
    if (id === undefined) return bytes
    const unframe = this.#known.get(id)
    if (!unframe)
      throw new BadRecordError(
        'unknown_schema',
        `the value begins as one of schema id ${id}, which the registry does not know, or not as one that can be read`,
      )
    try {
      return unframe(bytes)
    } catch (error) {
      throw new BadRecordError('undecodable', `not a value of schema id ${id}: ${(error as Error).message}`)
    }
  }
}

function unframeOf({ kind, schema }: Written): Unframe | undefined {
  if (kind === 'JSON') return (framed) => framed.subarray(frameBytes)
  if (kind === 'PROTOBUF') return (framed) => framed.subarray(endOfMessageIndexes(framed))
  const type = avroTypeOf(schema)
  return type && ((framed) => contentOf(type.fromBuffer(framed.subarray(frameBytes))))
}

/** Undefined for a schema that avsc does not accept. */
function avroTypeOf(schema: unknown): Type | undefined {
  try {
    return avro.Type.forSchema(schema as avro.Schema, {
      registry: { long: longType } as never,
      // With a logical type, a long is not found in the registry.
      typeHook: (of, options) => (isLong(of) ? longType : boundedCollection(of, options)),
    })
  } catch {
    return undefined
  }
}

const isLong = (schema: avro.Schema) => (schema as { readonly type?: unknown }).type === 'long'

/** Beyond 2^53 a long is kept as it is: times in nanoseconds are. */
const longType = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => numberOf(bytes.readBigInt64LE()),
  toBuffer(value: number | bigint) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(BigInt(value))
    return bytes
  },
  fromJSON: (value: number) => value,
  toJSON: (value: number | bigint) => Number(value),
  isValid: (value: unknown) => typeof value === 'bigint' || Number.isInteger(value),
  compare: (a: number | bigint, b: number | bigint) => (a < b ? -1 : a > b ? 1 : 0),
})

function numberOf(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function contentOf(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value)
  if (Buffer.isBuffer(value)) return value
  return Buffer.from(JSON.stringify(value, jsonOf) ?? 'null')
}

/** Known to V8, but not yet to TypeScript. */
const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): object }

/** JSON has all digits of a long, and bytes as text, in base64 when they are no text. */
function jsonOf(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return rawJson(String(value))
  // Before a replacer sees it, a Buffer has been made an object of numbers.
  const original = this[key]
  if (Buffer.isBuffer(original)) return isUtf8(original) ? original.toString() : original.toString('base64')
  return value
}

/** Confluent's serializer says which message of the schema it is: a count, and as many indexes, each a varint; 0 for the first. */
function endOfMessageIndexes(framed: Buffer): number {
  let at = frameBytes
  const next = () => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = framed[at++]
      if (byte === undefined || shift > 28) throw new RangeError('its message indexes are cut off')
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }
  for (let count = next(); count > 0; count--) next()
  return at
}
