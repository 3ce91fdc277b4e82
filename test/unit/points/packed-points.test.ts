import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Codec } from '../../../shared/avro/codec.ts'
import { completeSchema } from '../../../shared/avro/schemas.ts'
import type { PackedPoints, PointBatch } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import { asDouble, decimalsOf, digitsOf, doubleOf } from '../../../shared/points/decimals.ts'
import { PointPacker } from '../../../shared/points/point-packer.ts'
import { unpacked } from '../../../shared/points/unpack.ts'

interface Point {
  readonly index: number
  readonly time: number
  readonly value: number
}

function pack(points: readonly Point[]): PackedPoints {
  const packer = new PointPacker()
  const decimals = new Map<number, number>()
  for (const { index, time, value } of points)
    decimals.set(index, packer.add(index, time, value, decimals.get(index) ?? 0))
  return packer.finish()
}

const batchOf = (packed: PackedPoints | null): PointBatch => ({
  source: { topic: 'raw', partition: 0, firstOffset: 0, lastOffset: 0, lastTimestamp: 0, partitions: 1 },
  series: [],
  seriesIndex: [],
  times: [],
  values: [],
  histograms: [],
  exemplars: [],
  packed,
  sourceIsIdle: null,
  sourceTime: null,
})

const codec = new Codec({ register: async () => 1, schema: async () => completeSchema('PointBatch') })
await codec.prepareWriter('points', 'PointBatch')
await codec.prepareReader('PointBatch', Buffer.of(0, 0, 0, 0, 1, 0))
const throughKafka = (batch: PointBatch) =>
  codec.decode('PointBatch', codec.encode('points', 'PointBatch', batch)) as PointBatch

const finite = fc.double({ noNaN: true, noDefaultInfinity: true })
const decimal = fc
  .tuple(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.nat(9))
  .map(([digits, decimals]) => Number(`${digits}e-${decimals}`))
const edges = [
  0,
  -0,
  0.1,
  0.1 + 0.2,
  1e-6,
  1e-7,
  -1e-6,
  5e-324,
  1.7e308,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 49,
  -(2 ** 49),
]
const value = fc.oneof(
  decimal,
  finite,
  fc.maxSafeInteger(),
  fc.constantFrom(...edges, 2 ** 49 - 1, 2 ** 53, 64, 63.5),
)

describe('a value', () => {
  it('comes back from its digits to the last bit', () => {
    fc.assert(
      fc.property(value, fc.nat(asDouble), (number, decimals) => {
        const digits = digitsOf(number, decimals)
        if (!Number.isNaN(digits)) expect(doubleOf(digits, decimals)).toBe(number)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    [0, 0],
    [12, 0],
    [-12.5, 1],
    [0.125, 3],
    [1e-6, 6],
    [1e-7, asDouble],
    [-0, asDouble],
    [0.1 + 0.2, asDouble],
    [1 / 3, asDouble],
    [2 ** 49 - 1, 0],
    [2 ** 49, asDouble],
  ])('%d takes %d decimals', (number, decimals) => {
    expect(decimalsOf(number)).toBe(decimals)
  })
})

describe('packed points', () => {
  it('come back as they were, whatever their order', () => {
    const point = fc.record({
      index: fc.oneof(fc.nat(3), fc.nat(1_000_000)),
      time: fc.oneof(
        fc.integer({ min: 1_760_000_000_000, max: 1_760_000_000_100 }),
        fc.integer({ min: -(10 ** 13), max: 10 ** 13 }),
      ),
      value,
    })
    fc.assert(
      fc.property(fc.array(point, { maxLength: 300 }), (points) => {
        const { seriesIndex, times, values, packed } = throughKafka(batchOf(pack(points)))
        expect(packed).toBe(null)
        expect(seriesIndex).toEqual(points.map(({ index }) => index))
        expect(times).toEqual(points.map(({ time }) => time))
        // toEqual tells -0 from 0.
        expect(values).toEqual(points.map((one) => one.value))
      }),
    )
  })

  it('take four to five bytes each when a host tells its metrics in turn', () => {
    const points = Array.from({ length: 10_000 }, (_, i) => ({
      index: i % 500,
      time: 1_760_000_000_000 + 100 * Math.floor(i / 500),
      value: Math.round(Math.sin(i) * 20_000 + 20_000) / 1_000,
    }))
    const { seriesIndex, times, values, doubles } = pack(points)
    expect(seriesIndex.length + times.length + values.length).toBeLessThan(5 * 10_000)
    expect(doubles).toEqual([])
  })

  it('are left alone when they are not packed', () => {
    const plain: PointBatch = { ...batchOf(null), seriesIndex: [0], times: [1], values: [2] }
    expect(unpacked(plain)).toBe(plain)
    expect(throughKafka(plain)).toEqual(plain)
  })

  it('are one bad record when they are damaged', () => {
    const packed = pack([
      { index: 1, time: 1_760_000_000_000, value: 1.25 },
      { index: 2, time: 1_760_000_000_000, value: 1 / 3 },
    ])
    const damaged: readonly PackedPoints[] = [
      { ...packed, count: 1 },
      { ...packed, count: 3 },
      { ...packed, count: -1 },
      { ...packed, count: 2 ** 31 - 1 },
      { ...packed, doubles: [] },
      { ...packed, doubles: [1, 2] },
      ...(['seriesIndex', 'times', 'values'] as const).flatMap((name) => [
        { ...packed, [name]: Buffer.concat([packed[name], Buffer.of(0)]) },
        { ...packed, [name]: packed[name].subarray(0, -1) },
        // The last number does not end.
        { ...packed, [name]: Buffer.concat([packed[name].subarray(0, -1), Buffer.of(0x80)]) },
      ]),
    ]
    for (const one of damaged) expect(() => throughKafka(batchOf(one))).toThrow(BadRecordError)
    expect(() => throughKafka({ ...batchOf(packed), times: [1] })).toThrow('twice')
  })
})
