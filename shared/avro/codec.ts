import type { Type } from 'avsc'
import { BadRecordError } from '../errors.ts'
import { unpackedLogs } from '../logs/unpack.ts'
import { unpacked } from '../points/unpack.ts'
import { frameBytes, schemaId } from './frame.ts'
import { recordType } from './record-type.ts'
import type { Registry } from './registry.ts'
import { completeSchema, type RecordName } from './schemas.ts'
import type { LogBatch, PointBatch } from './types.ts'

interface Reader {
  read(bytes: Buffer): unknown
}

const asItIs = (value: unknown) => value

/** What makes a record of its bytes' value, so that nobody need know in which form it was written. */
const unpackers: Readonly<Record<RecordName, (value: unknown) => unknown>> = {
  PointBatch: (value) => unpacked(value as PointBatch),
  LogBatch: (value) => unpackedLogs(value as LogBatch),
  PartialBatch: asItIs,
  SpanBatch: asItIs,
  WindowBatch: asItIs,
  Anomaly: asItIs,
  Finding: asItIs,
  Incident: asItIs,
  PeerBatch: asItIs,
  ExpectationBatch: asItIs,
  Marker: asItIs,
  DeadLetter: asItIs,
}

/**
 * Encodes and decodes records, synchronously: what a decoder needs of the registry is loaded before, once a schema id,
 * because a promise a record costs more than the decoding.
 */
export class Codec {
  readonly #registry: Pick<Registry, 'register' | 'schema'>
  readonly #types = new Map<RecordName, Type>()
  readonly #writers = new Map<string, number>()
  /** Or why there is none. */
  readonly #readers = new Map<string, Reader | BadRecordError>()
  /** Large enough for most records, whose numbers are written fastest where there is room to spare. */
  #scratch = Buffer.allocUnsafe(1024 * 1024)

  constructor(registry: Pick<Registry, 'register' | 'schema'>) {
    this.#registry = registry
  }

  /** Registers the schema of a topic that will be written. Throws as Registry.register does. */
  async prepareWriter(topic: string, record: RecordName): Promise<void> {
    this.#writers.set(topic, await this.#registry.register(topic, record))
  }

  /** Loads what is needed to decode these bytes as `record`. Throws RetryableError when the registry is away. */
  async prepareReader(record: RecordName, bytes: Buffer): Promise<void> {
    const id = schemaId(bytes)
    if (id === undefined || this.#readers.has(`${record}:${id}`)) return
    this.#readers.set(`${record}:${id}`, await this.#loadReader(record, id))
  }

  /** Whether `decode` can say something about these bytes without another look at the registry. */
  isPrepared(record: RecordName, bytes: Buffer): boolean {
    const id = schemaId(bytes)
    return id === undefined || this.#readers.has(`${record}:${id}`)
  }

  /** Throws BadRecordError when these are not the bytes of such a record. */
  decode(record: RecordName, bytes: Buffer): unknown {
    const id = schemaId(bytes)
    if (id === undefined)
      throw new BadRecordError(
        'not_framed',
        'the value does not begin with a schema id in Confluent wire format',
      )
    const reader = this.#readers.get(`${record}:${id}`)
    if (!reader) throw new Error(`decoding schema id ${id} was not prepared`)
    if (reader instanceof BadRecordError) throw reader
    try {
      return reader.read(bytes.subarray(frameBytes))
    } catch (error) {
      throw new BadRecordError(
        'undecodable',
        `not a ${record} of schema id ${id}: ${(error as Error).message}`,
      )
    }
  }

  /** Encodes into memory of its own. The topic's writer must have been prepared. */
  encode(topic: string, record: RecordName, value: unknown): Buffer {
    const id = this.#writers.get(topic)
    if (id === undefined) throw new Error(`no schema was registered for ${topic}`)
    const type = this.#type(record)
    let end = type.encode(value, this.#scratch, frameBytes)
    if (end < 0) {
      // avsc answers with minus the number of bytes that did not fit.
      this.#scratch = Buffer.allocUnsafe(this.#scratch.length - end + frameBytes)
      end = type.encode(value, this.#scratch, frameBytes)
    }
    this.#scratch[0] = 0
    this.#scratch.writeInt32BE(id, 1)
    const bytes = Buffer.allocUnsafe(end)
    this.#scratch.copy(bytes, 0, 0, end)
    return bytes
  }

  #type(record: RecordName): Type {
    let type = this.#types.get(record)
    if (!type) {
      type = recordType(completeSchema(record))
      this.#types.set(record, type)
    }
    return type
  }

  async #loadReader(record: RecordName, id: number): Promise<Reader | BadRecordError> {
    const schema = await this.#registry.schema(id)
    if (!schema) return new BadRecordError('unknown_schema', `the registry has no Avro schema of id ${id}`)
    const type = this.#type(record)
    try {
      const written = recordType(schema)
      const resolver = written.equals(type) ? undefined : type.createResolver(written)
      const unpack = unpackers[record]
      return { read: (bytes) => unpack(type.fromBuffer(bytes, resolver)) }
    } catch (error) {
      return new BadRecordError(
        'incompatible_schema',
        `schema id ${id} can’t be read as a ${record}: ${(error as Error).message}`,
      )
    }
  }
}
