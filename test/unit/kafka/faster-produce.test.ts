import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c } from '../../../shared/kafka/crc32c.ts'

const require = createRequire(import.meta.url)

interface Batch {
  readonly records: readonly object[]
}
type Encode = (batch: Batch) => Promise<{ readonly buffer: Buffer; size(): number }>
type Sort = (about: object) => object

// kafkajs' own, before they are replaced.
const theirRecord: (record: object) => object = require('kafkajs/src/protocol/recordBatch/record/v0')
const { RecordBatch: theirs }: { RecordBatch: Encode } = require('kafkajs/src/protocol/recordBatch/v0')
const theirSort: Sort = require('kafkajs/src/producer/groupMessagesPerPartition')
const theirChecksum: (bytes: Buffer) => number = require('kafkajs/src/protocol/recordBatch/crc32C')

await import('../../../shared/kafka/faster-produce.ts')
const ourRecord: typeof theirRecord = require('kafkajs/src/protocol/recordBatch/record/v0')
const { RecordBatch: ours }: { RecordBatch: Encode } = require('kafkajs/src/protocol/recordBatch/v0')
const ourSort: Sort = require('kafkajs/src/producer/groupMessagesPerPartition')
const { registerCodecs } = await import('../../../shared/kafka/compression.ts')
registerCodecs()

const anyBytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const content = fc.option(fc.oneof(anyBytes, fc.string(), fc.constant(Buffer.alloc(9_000, 'x'))))
const record = fc.record(
  {
    offsetDelta: fc.oneof(fc.nat(100), fc.nat(2 ** 31 - 1)),
    timestampDelta: fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 45), max: 2 ** 45 })),
    key: content,
    value: content,
    headers: fc.dictionary(
      fc.string({ unit: 'grapheme' }).filter((key) => !(key in {})),
      fc.oneof(anyBytes, fc.string(), fc.array(anyBytes, { maxLength: 3 })),
      { maxKeys: 3, noNullPrototype: true },
    ),
  },
  { requiredKeys: ['offsetDelta', 'timestampDelta', 'value'] },
)
const batch = fc.record(
  {
    compression: fc.constantFrom(0, 1, 4),
    transactional: fc.boolean(),
    firstTimestamp: fc.integer({ min: -1, max: 2 ** 45 }),
    maxTimestamp: fc.integer({ min: -1, max: 2 ** 45 }),
    producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }).map(String),
    producerEpoch: fc.nat(32_767),
    firstSequence: fc.nat(),
    lastOffsetDelta: fc.nat(),
    records: fc.array(record, { maxLength: 10 }),
  },
  { requiredKeys: ['firstTimestamp', 'maxTimestamp', 'records'] },
)

describe('the faster encoder', () => {
  it('writes the same bytes as kafkajs', async () => {
    await fc.assert(
      fc.asyncProperty(batch, async (of) => {
        const expected = await theirs({ ...of, records: of.records.map(theirRecord) })
        const found = await ours({ ...of, records: of.records.map(ourRecord) })
        expect(found.size()).toBe(expected.size())
        expect(found.buffer.equals(expected.buffer)).toBe(true)
      }),
    )
  })

  it('gives the same checksum as kafkajs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (array) => {
        const bytes = Buffer.from(array)
        expect(crc32c(bytes)).toBe(theirChecksum(bytes))
      }),
    )
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  })

  it('sorts records by their partitions as kafkajs does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5)), fc.array(fc.nat(), { maxLength: 2 }), (wanted, partitionMetadata) => {
        const messages = wanted.map((partition, number) => ({ partition, number }))
        const partitioner = ({ message }: { message: { partition: number } }) => message.partition
        const about = { topic: 't', partitionMetadata, messages, partitioner }
        expect(ourSort(about)).toEqual(theirSort(about))
      }),
    )
  })
})
