import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Codec } from '../../../shared/avro/codec.ts'
import { completeSchema } from '../../../shared/avro/schemas.ts'
import type { LogBatch, PackedLogs } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import { LogPacker } from '../../../shared/logs/log-packer.ts'
import { logLevels, type PlacedLog } from '../../../shared/logs/placed-log.ts'
import { logRecordOf, placedLogs, unpackedLogs } from '../../../shared/logs/unpack.ts'

const source = { topic: 'raw', partition: 3, firstOffset: 0, lastOffset: 0, lastTimestamp: 0, partitions: 4 }

function pack(logs: readonly PlacedLog[]): PackedLogs {
  const packer = new LogPacker()
  for (const log of logs) packer.add(log)
  return packer.finish()
}

const codec = new Codec({ register: async () => 1, schema: async () => completeSchema('LogBatch') })
await codec.prepareWriter('logs', 'LogBatch')
await codec.prepareReader('LogBatch', Buffer.of(0, 0, 0, 0, 1, 0))
const throughKafka = (batch: LogBatch) =>
  codec.decode('LogBatch', codec.encode('logs', 'LogBatch', batch)) as LogBatch
const batchOf = (packed: PackedLogs): LogBatch => ({ source, logs: [], packed })

const text = fc.oneof(
  fc.constantFrom('', 'web-1', 'web-2', 'a', '__proto__', 'Grüße', '🎉'),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
)
const name = fc.oneof(
  fc.constantFrom('host.os', 'agent.id', '__proto__', 'constructor', '1'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
)
const attributes = fc
  .uniqueArray(name, { maxLength: 6 })
  .chain((names) =>
    fc.array(text, { minLength: names.length, maxLength: names.length }).map((texts) => ({ names, texts })),
  )
const log: fc.Arbitrary<PlacedLog> = fc.record({
  offset: fc.oneof(fc.nat(1_000), fc.maxSafeNat()),
  position: fc.nat(),
  timestamp: fc.integer({ min: 0, max: 4e12 }),
  time: fc.integer({ min: -4e12, max: 4e12 }),
  service: text,
  host: text,
  level: fc.constantFrom(...logLevels),
  message: text,
  traceId: fc.option(text),
  spanId: fc.option(text),
  attributes,
})

describe('packed log events', () => {
  it('come back as they were, with their ids', () => {
    fc.assert(
      fc.property(fc.array(log, { maxLength: 30 }), fc.nat(8), (logs, times) => {
        // Again and again, so that texts are found that came before.
        const all = Array.from({ length: times + 1 }, () => logs).flat()
        const { logs: read, packed } = throughKafka(batchOf(pack(all)))
        expect(packed).toBe(null)
        expect(read).toEqual(all.map((one) => logRecordOf(one, source)))
      }),
    )
  })

  it('have a text that comes again once', () => {
    const event = (i: number): PlacedLog => ({
      offset: i,
      position: 0,
      timestamp: 1_700_000_000_000 + i,
      time: 1_700_000_000_000 + i,
      service: 'shop',
      host: `web-${i % 20}`,
      level: 'info',
      message: `order ${i} was paid`,
      traceId: null,
      spanId: null,
      attributes: {
        names: ['host.architecture', 'agent.id', 'log.offset'],
        texts: ['x86_64', `agent-${i % 20}`, String(117 * i)],
      },
    })
    const { texts, names } = pack(Array.from({ length: 1_000 }, (_, i) => event(i)))
    expect(texts.match(/x86_64/g)).toHaveLength(1)
    expect(texts.match(/web-7/g)).toHaveLength(1)
    expect(texts.match(/agent-17/g)).toHaveLength(1)
    expect(texts.match(/order 999 was paid/g)).toHaveLength(1)
    expect(names).toEqual(['host.architecture', 'agent.id', 'log.offset'])
  })

  it('are refused when they are damaged, whatever the damage, and cost no more than their bytes', () => {
    fc.assert(
      fc.property(
        fc.array(log, { minLength: 1, maxLength: 10 }),
        fc.constantFrom('shapes', 'lengths', 'places', 'times', 'events'),
        fc.nat(),
        fc.nat(255),
        fc.boolean(),
        (logs, column, at, byte, isCut) => {
          const packed = pack(logs)
          const bytes = Buffer.from(packed[column])
          fc.pre(bytes.length > 0)
          bytes[at % bytes.length] = byte
          const damaged = isCut ? bytes.subarray(0, at % bytes.length) : bytes
          try {
            const read = unpackedLogs(batchOf({ ...packed, [column]: damaged }))
            expect(read.logs).toHaveLength(logs.length)
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it.each<[string, Partial<PackedLogs>]>([
    ['more events than it has', { count: 2_000_000_000 }],
    ['fewer', { count: 0 }],
    ['a shape of more names than bytes', { shapes: Buffer.of(0x80, 0x80, 0x80, 0x80, 0x08) }],
    ['a shape that is cut off', { shapes: Buffer.of(4) }],
    ['no names', { names: [] }],
    ['no texts', { texts: '' }],
    ['too many texts', { texts: 'shop and more, that nobody has asked for' }],
  ])('are refused when a batch says it has %s', (_, damage) => {
    const one = pack([
      {
        offset: 1,
        position: 0,
        timestamp: 0,
        time: 0,
        service: 'shop',
        host: '',
        level: 'info',
        message: 'm',
        traceId: null,
        spanId: null,
        attributes: { names: ['a'], texts: ['b'] },
      },
    ])
    expect(() => throughKafka(batchOf({ ...one, ...damage }))).toThrow(BadRecordError)
  })

  it('are refused when they stand beside others', () => {
    const packed = pack([])
    const [first] = fc.sample(log, 1)
    const batch = { source, logs: [logRecordOf(first!, source)], packed }
    expect(() => unpackedLogs(batch)).toThrow(RangeError)
  })

  it('can be read one by one', () => {
    const logs = fc.sample(log, 20)
    expect([...placedLogs(pack(logs))]).toEqual(logs)
  })
})
