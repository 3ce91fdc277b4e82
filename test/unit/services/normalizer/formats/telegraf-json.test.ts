import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalize, now } from '../../../../support/normalize.ts'

const metric = { name: 'cpu', tags: { host: 'a' }, fields: { user: 1.5 }, timestamp: now / 1_000 }
const read = (json: unknown) =>
  normalize([JSON.stringify(json)], { settings: { formats: { raw: 'telegraf-json' } } })

describe('Telegraf’s JSON', () => {
  it.each<[string, unknown, readonly (readonly [string, number])[]]>([
    ['one metric', metric, [['cpu.user,host=a', 1.5]]],
    [
      'a batch',
      { metrics: [metric, { ...metric, tags: {} }] },
      [
        ['cpu.user,host=a', 1.5],
        ['cpu.user', 1.5],
      ],
    ], // prettier-ignore
    ['a list', [metric], [['cpu.user,host=a', 1.5]]],
    ['a field called value', { ...metric, fields: { value: 2 } }, [['cpu,host=a', 2]]],
    [
      'booleans',
      { ...metric, fields: { up: true, down: false } },
      [
        ['cpu.up,host=a', 1],
        ['cpu.down,host=a', 0],
      ],
    ], // prettier-ignore
    ['no tags', { ...metric, tags: undefined }, [['cpu.user', 1.5]]],
    [
      'texts and nested fields passed over',
      { ...metric, fields: { a: 'b', c: { d: 1 }, user: 1 } },
      [['cpu.user,host=a', 1]],
    ], // prettier-ignore
    ['half a character', { ...metric, fields: { '\ud800': 1 } }, [['cpu.\ufffd,host=a', 1]]],
  ])('takes %s', (_, json, expected) => {
    const { points, out } = read(json)
    expect(out.rejected).toEqual([])
    expect(points).toEqual(expected.map(([series, value]) => [series, now, value]))
  })

  it.each([
    ['1s', 1_700_000_000],
    ['1ms', 1_700_000_000_000],
    ['1us', 1_700_000_000_000_000],
    ['1ns', 1_700_000_000_000_000_000],
    ['a format', '2023-11-14T22:13:20Z'],
    ['a format with a zone', '2023-11-14T23:13:20+01:00'],
  ])('reads timestamps of %s', (_, timestamp) => {
    expect(read({ ...metric, timestamp }).points).toEqual([['cpu.user,host=a', now, 1.5]])
  })

  it('keeps series apart whose names and tags could be read as others', () => {
    const { points } = read([
      { ...metric, tags: { a: 'b', c: 'd' } },
      { ...metric, tags: { a: 'bcd' } },
      { ...metric, tags: { a: 'b\n1:c1:d' } },
      { ...metric, name: 'cpua', tags: { bcd: '' } },
    ])
    expect(new Set(points.map(([series]) => series)).size).toBe(4)
  })

  it.each<[string, unknown, string]>([
    ['no metric', {}, 'unparseable'],
    ['a metric without a name', { ...metric, name: 5 }, 'unparseable'],
    ['a metric without fields', { metrics: [{ ...metric, fields: undefined }] }, 'unparseable'],
    ['a time that is none', { ...metric, timestamp: 'noon' }, 'invalid_timestamp'],
    ['a time that is nothing', { ...metric, timestamp: null }, 'invalid_timestamp'],
  ])('refuses %s', (_, json, reason) => {
    expect(read(json)).toMatchObject({ points: [], out: { rejected: [{ reason }] } })
  })

  it('refuses the bad metrics alone and whole, with their positions', () => {
    const text = JSON.stringify({ metrics: [metric, { ...metric, fields: { a: 1, b: 2 } }, 5] })
    const { points, out } = normalize([text.replace('"b":2', '"b":1e999')])
    expect(points).toHaveLength(1)
    expect(out.rejected[0]!.refusals.map(({ position, reason }) => [position, reason])).toEqual([
      [1, 'not_finite'],
      [2, 'unparseable'],
    ])
  })

  it('throws nothing but refusals, whatever comes', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', JSON.parse('{"__proto__":{"a":1}}')))
    const near = fc.record(
      { name: value, tags: value, fields: value, timestamp: value },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(near.map((one) => ({ ...metric, ...one }))), (metrics) => {
        for (const [, , number] of read({ metrics }).points) expect(Number.isFinite(number)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
