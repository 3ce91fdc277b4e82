import avro, { type Schema } from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeSchema } from '../../../shared/avro/schemas.ts'
import { seriesType } from '../../../shared/avro/series-type.ts'
import type { Series } from '../../../shared/avro/types.ts'
import { KnownSeries, keyOf } from '../../../shared/series/known-series.ts'
import { seriesKey } from '../../../shared/series/series.ts'

const { fields } = completeSchema('PointBatch') as {
  readonly fields: readonly { readonly name: string; readonly type: unknown }[]
}
const schema = fields.find(({ name }) => name === 'series')!.type as Schema
const ours = avro.Type.forSchema(schema, { registry: {}, typeHook: seriesType })
const model = avro.Type.forSchema(schema, { registry: {} })

const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 200 }))
const series: fc.Arbitrary<Series> = fc.record({
  metric: text,
  tags: fc.array(fc.record({ key: text, value: text }), { maxLength: 70 }),
  kind: fc.constantFrom('gauge' as const, 'counter' as const, 'delta' as const),
  unit: text,
})
const dictionary = fc.array(series, { maxLength: 5 })
const http: Series = {
  metric: 'http.latency',
  tags: [
    { key: 'host', value: 'a' },
    { key: 'region', value: 'eu' },
  ],
  kind: 'gauge',
  unit: 'ms',
}

describe('series', () => {
  it('have the bytes that avsc gives them, however often they are written', () => {
    fc.assert(
      fc.property(dictionary, (all) => {
        const bytes = model.toBuffer(all)
        const known = all.map((one) => new KnownSeries(one))
        for (const values of [all, known, known]) expect(ours.toBuffer(values)).toEqual(bytes)
      }),
    )
  })

  it('are read as avsc reads them, however often', () => {
    fc.assert(
      fc.property(dictionary, (all) => {
        const bytes = model.toBuffer(all)
        for (let time = 0; time < 3; time++) expect(ours.fromBuffer(bytes)).toEqual(all)
        expect(ours.toBuffer(ours.fromBuffer(bytes))).toEqual(bytes)
      }),
    )
  })

  it('are the same object when their bytes are the same', () => {
    const bytes = model.toBuffer([http, { ...http, unit: 's' }])
    const [first, second] = ours.fromBuffer(bytes) as readonly Series[]
    expect(ours.fromBuffer(bytes)).toEqual([first, second])
    expect(ours.fromBuffer(Buffer.from(bytes))[0]).toBe(first)
    expect(first).not.toBe(second)
  })

  it('stay what they were when the buffer is used again', () => {
    const bytes = model.toBuffer([{ ...http, metric: 'once' }])
    const [first] = ours.fromBuffer(bytes) as readonly Series[]
    bytes.fill(0x41)
    expect(ours.toBuffer([first])).toEqual(model.toBuffer([{ ...http, metric: 'once' }]))
  })

  it('are not taken for others of the same hash', () => {
    // Found by trying: FNV-1a over the bytes of both is the same but for the lowest bit, which is not used.
    const pairs = collisions()
    expect(pairs.length).toBeGreaterThan(0)
    for (const [a, b] of pairs) {
      for (const one of [a, b, a, b]) expect(ours.fromBuffer(model.toBuffer([one]))).toEqual([one])
    }
  })

  it('are refused when they are cut off, also those read before', () => {
    const bytes = model.toBuffer([http])
    ours.fromBuffer(bytes)
    for (let end = 0; end < bytes.length; end++)
      expect(() => ours.fromBuffer(bytes.subarray(0, end))).toThrow()
  })

  it('never make more of damaged bytes than avsc does', () => {
    const bytes = model.toBuffer([http, { ...http, tags: [] }])
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Buffer.from(bytes)
        damaged[at] = byte
        expect(outcome(ours, damaged)).toEqual(outcome(model, damaged))
      }),
      { numRuns: 1_000 },
    )
  })

  it('say how much room they lack', () => {
    const known = [new KnownSeries(http)]
    const needed = model.toBuffer(known).length
    for (let time = 0; time < 2; time++)
      for (const room of [0, 5, needed - 1])
        expect(ours.encode(known, Buffer.alloc(room), 0)).toBe(room - needed)
    expect(ours.encode(known, Buffer.alloc(needed), 0)).toBe(needed)
  })

  it('have the same key as any series', () => {
    fc.assert(
      fc.property(series, (one) => {
        expect(keyOf(new KnownSeries(one))).toBe(seriesKey(one))
      }),
    )
  })
})

function outcome(type: avro.Type, bytes: Buffer): unknown {
  try {
    return type.fromBuffer(bytes)
  } catch {
    return 'refused'
  }
}

/** Pairs of series whose bytes have the same 31 bits of hash: among 200,000, some nine are to be expected. */
function collisions(): readonly (readonly [Series, Series])[] {
  const seen = new Map<number, Series>()
  const pairs: (readonly [Series, Series])[] = []
  for (let i = 0; i < 200_000; i++) {
    const one: Series = { metric: 'm', tags: [{ key: 's', value: i.toString(36) }], kind: 'gauge', unit: '' }
    // Without the count of the array before, and the end of it.
    const bytes = model.toBuffer([one]).subarray(1, -1)
    let hash = 0x811c9dc5
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
    const other = seen.get(hash >>> 1)
    if (other) pairs.push([other, one])
    seen.set(hash >>> 1, one)
  }
  return pairs
}
