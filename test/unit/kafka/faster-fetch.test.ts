import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecodedRecord } from '../../../shared/kafka/record-batch.ts'

const require = createRequire(import.meta.url)

type DecodeBatch = (decoder: { offset: number }) => Promise<{ readonly records: readonly object[] }>
interface Record {
  readonly offsetDelta: number
  readonly timestampDelta: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: { readonly [key: string]: Buffer | Buffer[] }
}

// kafkajs' own, before they are replaced.
const theirs: DecodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder')
const TheirBatch = require('kafkajs/src/consumer/batch')
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => { offset: number }
const encodeRecord: (record: Record) => object = require('kafkajs/src/protocol/recordBatch/record/v0')
const {
  RecordBatch: encodeBatch,
}: {
  RecordBatch(batch: object): Promise<{ readonly buffer: Buffer }>
} = require('kafkajs/src/protocol/recordBatch/v0')

const { decodeRecordBatch: ours } = await import('../../../shared/kafka/faster-fetch.ts')
const OurBatch = require('kafkajs/src/consumer/batch')
const { registerCodecs } = await import('../../../shared/kafka/compression.ts')
registerCodecs()

const attributesAt = 21
const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const record: fc.Arbitrary<Record> = fc.record({
  offsetDelta: fc.oneof(fc.nat(100), fc.nat(2 ** 31 - 1)),
  timestampDelta: fc.oneof(fc.constant(0), fc.integer(), fc.integer({ min: -(2 ** 45), max: 2 ** 45 })),
  key: fc.option(bytes),
  value: fc.option(fc.oneof(bytes, fc.constant(Buffer.alloc(200, 'x')))),
  headers: fc.oneof(
    // As a producer sends them, the same or almost the same with each record.
    fc.constantFrom<Record['headers']>(
      { of: Buffer.from('one') },
      { of: Buffer.from('two') },
      { of: Buffer.from('one'), and: Buffer.from('more') },
    ),
    fc.dictionary(
      fc.string().filter((key) => !(key in {})),
      fc.oneof(bytes, fc.array(bytes, { minLength: 2, maxLength: 3 })),
      {
        maxKeys: 3,
        noNullPrototype: true,
      },
    ),
  ),
})
const batch = fc.record({
  compression: fc.constantFrom(0, 1, 4),
  transactional: fc.boolean(),
  firstTimestamp: fc.integer({ min: -1, max: 2 ** 45 }),
  maxTimestamp: fc.integer({ min: -1, max: 2 ** 45 }),
  producerEpoch: fc.nat(32_767),
  firstSequence: fc.nat(),
  lastOffsetDelta: fc.nat(),
  records: fc.array(record, { maxLength: 10 }),
})

/** What a broker adds: the first offset, and its own time when the topic wants it. */
async function encode(
  { records, ...rest }: { readonly records: readonly Record[] },
  { firstOffset = 0, flags = 0 } = {},
): Promise<Buffer> {
  const { buffer } = await encodeBatch({ ...rest, records: records.map(encodeRecord) })
  const encoded = Buffer.from(buffer)
  encoded.writeBigInt64BE(BigInt(firstOffset))
  encoded.writeInt16BE(encoded.readInt16BE(attributesAt) | flags, attributesAt)
  return encoded
}

/** What kafkajs, and who uses it, asks of a record. */
const inTheirForm = (record: DecodedRecord) => {
  const { magicByte, attributes, timestamp, offset, key, value, headers, isControlRecord, batchContext } =
    record
  return { magicByte, attributes, timestamp, offset, key, value, headers, isControlRecord, batchContext }
}

describe('a record batch', () => {
  it('is what kafkajs makes of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        batch,
        fc.maxSafeInteger(),
        fc.constantFrom(0, 8, 32, 40),
        async (one, offset, flags) => {
          const encoded = await encode(one, { firstOffset: Math.abs(Math.trunc(offset / 2)), flags })
          const decoder = new Decoder(Buffer.concat([encoded, Buffer.alloc(3)]))
          const decoded = await ours(decoder as never)
          expect(decoder.offset).toBe(encoded.length)
          const { magicByte: _, ...expected } = (await theirs(new Decoder(encoded))) as unknown as {
            magicByte?: number
          }
          const { records, ...rest } = expected as unknown as typeof decoded
          expect(decoded).toMatchObject(rest)
          expect(decoded.records.map(inTheirForm)).toEqual(records)
          for (const found of decoded.records)
            expect(found).toMatchObject({
              position: Number(found.offset),
              time: Number(found.timestamp),
              isAppendTime: (flags & 8) > 0,
              valueBytes: found.value?.length ?? 0,
            })
        },
      ),
    )
  })

  it('may have headers that are called as what every object has, where kafkajs goes wrong', async () => {
    const headers = Object.fromEntries(['toString', '__proto__'].map((key) => [key, Buffer.from(key)]))
    const encoded = await encode({
      records: [{ offsetDelta: 0, timestampDelta: 0, key: null, value: null, headers }],
    })
    const [found] = (await ours(new Decoder(encoded) as never)).records
    expect(Object.entries(found!.headers)).toEqual(Object.entries(headers))
  })

  it('may have headers without a value, which kafkajs can not write', async () => {
    const one = { offsetDelta: 0, timestampDelta: 0, key: null, value: null, headers: { key: Buffer.of() } }
    const encoded = await encode({ records: [one] })
    // The zero length of the value is the last byte; 1 is the zigzag of -1.
    encoded[encoded.length - 1] = 1
    const { records } = await ours(new Decoder(encoded) as never)
    expect(records).toMatchObject([{ headers: { key: null } }])
  })

  it('may be cut off by the end of the response: the rest comes with the next fetch', async () => {
    const encoded = await encode({
      records: [{ offsetDelta: 0, timestampDelta: 0, key: null, value: Buffer.from('x'), headers: {} }],
    })
    for (const decode of [theirs, ours as unknown as DecodeBatch])
      await expect(decode(new Decoder(encoded.subarray(0, -1)))).rejects.toMatchObject({
        name: 'KafkaJSPartialMessageError',
      })
  })

  it('is refused when its records are longer than it is, or fewer than it says', async () => {
    const encoded = await encode({
      records: [{ offsetDelta: 0, timestampDelta: 0, key: null, value: Buffer.from('x'), headers: {} }],
    })
    const recordAt = 61
    for (const [at, byte] of [
      [recordAt, 0x7e],
      [recordAt, 0x7f],
      [recordAt - 1, 2],
    ] as const) {
      const damaged = Buffer.from(encoded)
      damaged[at] = byte
      await expect(ours(new Decoder(damaged) as never)).rejects.toThrow(RangeError)
    }
  })
})

describe('a fetched batch', () => {
  const message = (offset: number, isControlRecord = false, producerId = '7') => ({
    offset: String(offset),
    position: offset,
    key: isControlRecord ? Buffer.from([0, 0, 0, 0]) : null,
    isControlRecord,
    batchContext: { producerId, inTransaction: true },
  })
  const questions = [
    'isEmpty',
    'isEmptyIncludingFiltered',
    'isEmptyDueToFiltering',
    'isEmptyControlRecord',
    'isEmptyDueToLogCompactedMessages',
    'firstOffset',
    'lastOffset',
    'offsetLag',
    'offsetLagLow',
  ]

  it.each([
    ['all wanted', 5, [message(5), message(6)]],
    ['some from before', 6, [message(4), message(5), message(6), message(9)]],
    ['all from before', 10, [message(5), message(6)]],
    ['none', 10, []],
    ['a marker only', 5, [message(5, true)]],
    ['aborted ones', 3, [message(3), message(4, false, '8'), message(5, true), message(6)]],
  ])('answers as that of kafkajs does: %s', (_, fetchedOffset, messages) => {
    const data = {
      partition: 1,
      highWatermark: '20',
      abortedTransactions: [{ producerId: '7', firstOffset: '3' }],
      messages,
    }
    const [our, their] = [OurBatch, TheirBatch].map(
      (Batch) => new Batch('topic', String(fetchedOffset), data),
    )
    expect({ ...our }).toEqual({ ...their })
    for (const question of questions)
      expect([question, our[question]()]).toEqual([question, their[question]()])
  })
})
