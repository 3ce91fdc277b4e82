/**
 * A correction of kafkajs 2.2.4, its last release, made before it is loaded: it makes some twenty objects and ten big
 * integers of a fetched record, most of what reading small records costs. What replaces its decoder of record batches,
 * and its filter of records from before the fetched offset, gives the same records.
 */
import { createRequire } from 'node:module'
import { withoutAborted } from './corrections.ts'
import { type BatchContext, type DecodedRecord, decodeRecords } from './record-batch.ts'

const require = createRequire(import.meta.url)

/** kafkajs' cursor over a response. */
interface Decoder {
  readonly buffer: Buffer
  offset: number
  readInt8(): number
  readInt16(): number
  readInt32(): number
  readInt64(): bigint
  readAll(): Buffer
  slice(length: number): Decoder
  forward(length: number): void
}
interface Codec {
  decompress(bytes: Buffer): Promise<Buffer>
}

const { lookupCodecByAttributes } = require('kafkajs/src/protocol/message/compression') as {
  lookupCodecByAttributes(attributes: number): Codec | null
}
const { KafkaJSPartialMessageError } = require('kafkajs/src/errors') as {
  readonly KafkaJSPartialMessageError: new (message: string) => Error
}

const appendTimeFlag = 0x08
const transactionFlag = 0x10
const controlFlag = 0x20

/** Takes the next record batch of a response. Throws KafkaJSPartialMessageError when the response ends within it. */
export async function decodeRecordBatch(response: Decoder) {
  const firstOffset = String(response.readInt64())
  const length = response.readInt32()
  const decoder = response.slice(length)
  response.forward(length)
  if (decoder.buffer.length < length)
    throw new KafkaJSPartialMessageError(`${decoder.buffer.length} of ${length} bytes of a record batch`)
  const partitionLeaderEpoch = decoder.readInt32()
  const magicByte = decoder.readInt8()
  // The checksum, which kafkajs does not look at either: TCP has its own, and the broker has checked the batch.
  decoder.forward(4)
  const attributes = decoder.readInt16()
  const context: BatchContext = {
    firstOffset,
    partitionLeaderEpoch,
    inTransaction: (attributes & transactionFlag) > 0,
    isControlBatch: (attributes & controlFlag) > 0,
    timestampType: attributes & appendTimeFlag ? 1 : 0,
    lastOffsetDelta: decoder.readInt32(),
    firstTimestamp: String(decoder.readInt64()),
    maxTimestamp: String(decoder.readInt64()),
    producerId: String(decoder.readInt64()),
    producerEpoch: decoder.readInt16(),
    firstSequence: decoder.readInt32(),
    magicByte,
  }
  const count = decoder.readInt32()
  const packed = decoder.readAll()
  const codec = count > 0 && lookupCodecByAttributes(attributes)
  const records = decodeRecords(codec ? await codec.decompress(packed) : packed, count, context)
  return { ...context, records }
}

const decoderPath = require.resolve('kafkajs/src/protocol/recordBatch/v0/decoder')
require(decoderPath)
require.cache[decoderPath]!.exports = decodeRecordBatch

interface OldMessage {
  readonly offset: string
  readonly value: Buffer | null
  /** Not before magic 1. */
  readonly timestamp?: string
}

/** What brokers before Kafka 0.11 have kept may still be in their logs: it is rare, and decoded by kafkajs. */
const oldDecoderPath = require.resolve('kafkajs/src/protocol/messageSet/decoder')
const decodeOld = require(oldDecoderPath) as (...args: readonly unknown[]) => Promise<readonly OldMessage[]>
require.cache[oldDecoderPath]!.exports = async (...args: readonly unknown[]) =>
  (await decodeOld(...args)).map((message) => ({
    ...message,
    position: Number(message.offset),
    time: Number(message.timestamp ?? -1),
    isAppendTime: false,
    valueBytes: message.value?.length ?? 0,
  }))

interface PartitionData {
  readonly messages: readonly DecodedRecord[]
  readonly abortedTransactions?:
    | readonly { readonly producerId: string; readonly firstOffset: string }[]
    | null
}
interface Batch {
  rawMessages: readonly DecodedRecord[]
  messagesWithinOffset: readonly DecodedRecord[]
  messages: readonly DecodedRecord[]
}

const batchPath = require.resolve('kafkajs/src/consumer/batch')
const KafkajsBatch = require(batchPath) as new (
  topic: string,
  fetchedOffset: string,
  data: PartitionData,
) => Batch

/** Records come in the order of their offsets, so those before the fetched one stand at the beginning. */
require.cache[batchPath]!.exports = class extends KafkajsBatch {
  constructor(topic: string, fetchedOffset: string, data: PartitionData) {
    super(topic, fetchedOffset, { ...data, messages: [] })
    const { messages, abortedTransactions } = data
    const wanted = Number(fetchedOffset)
    const first = messages.findIndex(({ position }) => position >= wanted)
    this.rawMessages = messages
    this.messagesWithinOffset = first < 0 ? [] : first === 0 ? messages : messages.slice(first)
    this.messages = withoutAborted({
      messages: this.messagesWithinOffset,
      abortedTransactions,
    }).filter(({ isControlRecord }) => !isControlRecord)
  }
}
