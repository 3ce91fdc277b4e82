import type { Codec } from '../avro/codec.ts'
import type { ForeignValues } from '../avro/foreign-values.ts'
import { BadRecordError } from '../errors.ts'
import type { StreamRecord } from './task.ts'
import type { Topic } from './topic.ts'

/** How the bytes of an input become the values that its task takes. */
export interface Decoder {
  /** Whether `decode` may be called without `prepare`. */
  isReady(record: StreamRecord<unknown>): boolean
  /** Throws RetryableError when the registry is away. */
  prepare(record: StreamRecord<unknown>): Promise<void>
  /** Throws BadRecordError. */
  decode(record: StreamRecord<unknown>): unknown
}

/** For raw topics: the value is the bytes, null for none, without the frame of a serializer. */
export const rawDecoder = (values: ForeignValues): Decoder => ({
  isReady: ({ bytes }) => bytes === null || values.isPrepared(bytes),
  prepare: ({ bytes }) => values.prepare(bytes!),
  decode: ({ bytes }) => bytes && values.read(bytes),
})

/** For Tidemark's own topics. */
export function avroDecoder(codec: Codec, topics: readonly Topic<unknown>[]): Decoder {
  const schemas = new Map(topics.map(({ name, schema }) => [name, schema]))
  const schemaOf = (record: StreamRecord<unknown>) => schemas.get(record.topic)!
  return {
    isReady: (record) => record.bytes === null || codec.isPrepared(schemaOf(record), record.bytes),
    prepare: (record) => codec.prepareReader(schemaOf(record), record.bytes!),
    decode(record) {
      if (!record.bytes?.length) throw new BadRecordError('empty', 'the record has no value')
      return codec.decode(schemaOf(record), record.bytes)
    },
  }
}
