import { recordType } from './record-type.ts'
import { completeSchema, type RecordName, type StateName } from './schemas.ts'

/** The bytes of one kind of state: a version, then Avro binary. */
interface BinaryForm<T> {
  encode(value: T): Buffer
  /** Throws RangeError when the bytes are of another version, cut off, or no such record. */
  decode(bytes: Uint8Array): T
}

/** `version` changes with the schema: state of another version is not read, but rebuilt. */
export function binaryForm<T>(name: StateName | RecordName, version: number): BinaryForm<T> {
  const type = recordType(completeSchema(name))
  return {
    encode: (value) => Buffer.concat([Buffer.of(version), type.toBuffer(value)]),
    decode(bytes) {
      if (bytes[0] !== version) throw new RangeError(`not a ${name} of version ${version}`)
      try {
        return type.fromBuffer(Buffer.from(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1)) as T
      } catch (error) {
        throw new RangeError(`not a ${name}: ${(error as Error).message}`, { cause: error })
      }
    },
  }
}
