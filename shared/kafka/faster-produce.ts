/**
 * A correction of kafkajs 2.2.4, its last release, made before it is loaded: sorting n records by their partitions, it
 * copies n²/2, and encodes each into several pieces of memory of half a kilobyte. What replaces both gives the same bytes.
 */
import { createRequire } from 'node:module'
import { crc32c } from './crc32c.ts'
import { encodeRecords, type PlainRecord } from './encode-records.ts'

const require = createRequire(import.meta.url)

/** kafkajs' growing memory: `offset` is how much of it is written. */
interface Encoder {
  buf: Buffer
  offset: number
}
interface Codec {
  /** Looks at nothing but `buffer`. */
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
}

const Encoder = require('kafkajs/src/protocol/encoder') as new (size?: number) => Encoder
const { lookupCodec } = require('kafkajs/src/protocol/message/compression') as {
  lookupCodec(compression: number): Codec | null
}

interface RecordBatch {
  readonly compression?: number
  readonly firstTimestamp?: number
  readonly maxTimestamp?: number
  readonly lastOffsetDelta?: number
  readonly transactional?: boolean
  /** kafkajs' own int64, or its text. */
  readonly producerId?: { toString(): string }
  readonly producerEpoch?: number
  readonly firstSequence?: number
  readonly records?: readonly PlainRecord[]
}

const transactionFlag = 0x10
const magicByte = 2
/** From the first offset to the number of records. */
const headBytes = 61
const checksumAt = 17

/** A record batch as a producer sends it: the broker gives it its first offset. */
async function encodeRecordBatch({
  compression = 0,
  firstTimestamp = Date.now(),
  maxTimestamp = Date.now(),
  lastOffsetDelta = 0,
  transactional = false,
  producerId = '-1',
  producerEpoch = 0,
  firstSequence = 0,
  records = [],
}: RecordBatch): Promise<Encoder> {
  const buffer = encodeRecords(records)
  const codec = lookupCodec(compression)
  const packed = codec ? await codec.compress({ buffer }) : buffer
  const batch = Buffer.allocUnsafe(headBytes + packed.length)
  batch.fill(0, 0, headBytes)
  batch.writeInt32BE(batch.length - 12, 8)
  batch[16] = magicByte
  batch.writeInt16BE(compression | (transactional ? transactionFlag : 0), checksumAt + 4)
  batch.writeInt32BE(lastOffsetDelta, 23)
  batch.writeBigInt64BE(BigInt(firstTimestamp), 27)
  batch.writeBigInt64BE(BigInt(maxTimestamp), 35)
  batch.writeBigInt64BE(BigInt(producerId.toString()), 43)
  batch.writeInt16BE(producerEpoch, 51)
  batch.writeInt32BE(firstSequence, 53)
  batch.writeInt32BE(records.length, 57)
  batch.set(packed, headBytes)
  batch.writeUInt32BE(crc32c(batch, checksumAt + 4), checksumAt)
  return Object.assign(new Encoder(0), { buf: batch, offset: batch.length })
}

interface Sorting<M> {
  readonly topic: string
  readonly partitionMetadata: readonly unknown[]
  readonly messages: readonly M[]
  partitioner(about: {
    readonly topic: string
    readonly partitionMetadata: readonly unknown[]
    readonly message: M
  }): number
}

/** By partition, in their order. */
const byPartition = <M>({ topic, partitionMetadata, messages, partitioner }: Sorting<M>) =>
  partitionMetadata.length === 0
    ? {}
    : Object.groupBy(messages, (message) => partitioner({ topic, partitionMetadata, message }))

function replace(path: string, by: unknown): void {
  const file = require.resolve(path)
  require(file)
  require.cache[file]!.exports = by
}

replace('kafkajs/src/producer/groupMessagesPerPartition', byPartition)
// Records are encoded together, with their batch.
replace('kafkajs/src/protocol/recordBatch/record/v0', (record: PlainRecord) => record)
replace('kafkajs/src/protocol/recordBatch/v0', { RecordBatch: encodeRecordBatch, MAGIC_BYTE: magicByte })
