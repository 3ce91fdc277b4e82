import avro from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeSchema } from '../../../shared/avro/schemas.ts'
import type { Exemplar } from '../../../shared/avro/types.ts'
import { bytesOfExemplar, exemplarBytes, flawOfExemplar, higher } from '../../../shared/points/exemplars.ts'

const anyId = fc.stringMatching(/^[!-~]{1,3}$/)
const anyExemplar: fc.Arbitrary<Exemplar> = fc.record({
  traceId: anyId,
  spanId: fc.option(anyId),
  value: fc.integer({ min: -1, max: 1 }),
  time: fc.integer({ min: 0, max: 2 }),
})

describe('of many exemplars', () => {
  it('the same one is left in whatever order they come, and that is one with the highest value', () => {
    fc.assert(
      fc.property(
        fc.array(anyExemplar, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (all, turns) => {
          const highest = (some: readonly Exemplar[]) => some.reduce<Exemplar | undefined>(higher, undefined)!
          const mixed = all.map((one) => ({ one, turn: turns.next().value })).sort((a, b) => a.turn - b.turn)
          expect(highest([...mixed.map(({ one }) => one), ...all])).toEqual(highest(all))
          expect(highest(all).value).toBe(Math.max(...all.map(({ value }) => value)))
        },
      ),
    )
  })
})

const sound: Exemplar = { traceId: 't', spanId: null, value: 1, time: 0 }

it.each<[string, Partial<Exemplar>]>([
  ['an empty trace', { traceId: '' }],
  ['a trace of many lines', { traceId: 'a\nb' }],
  ['a trace that is too long', { traceId: 'x'.repeat(129) }],
  ['an empty span', { spanId: '' }],
  ['infinity', { value: Infinity }],
  ['no time', { time: Number.NaN }],
])('an exemplar with %s has a flaw', (_, some) => {
  expect(flawOfExemplar(sound)).toBeUndefined()
  expect(flawOfExemplar({ ...sound, ...some })).toBeTypeOf('string')
})

it('takes no more room than is reckoned for it', () => {
  const type = avro.Type.forSchema(completeSchema('PointBatch') as avro.Schema, { registry: {} })
  const batchOf = (exemplars: readonly object[]) => type.toBuffer({ ...emptyBatch, exemplars }).length
  for (const exemplar of [
    sound,
    { ...sound, traceId: 'x'.repeat(128), spanId: 'y'.repeat(128), time: 2 ** 52, value: -1e300 },
  ]) {
    const taken = batchOf([{ seriesIndex: 2 ** 31 - 1, time: 2 ** 52, exemplar }]) - batchOf([])
    expect(taken).toBeLessThanOrEqual(bytesOfExemplar(exemplar))
    expect(taken).toBeLessThanOrEqual(exemplarBytes)
  }
})

const emptyBatch = {
  source: { topic: '', partition: 0, firstOffset: 0, lastOffset: 0, lastTimestamp: 0, partitions: 0 },
  series: [],
  seriesIndex: [],
  times: [],
  values: [],
  histograms: [],
  packed: null,
  sourceIsIdle: null,
  sourceTime: null,
}
