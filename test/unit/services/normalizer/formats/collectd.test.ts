import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'
import { normalize, now } from '../../../../support/normalize.ts'

const list = {
  values: [1, 2],
  dstypes: ['derive', 'derive'],
  dsnames: ['rx', 'tx'],
  time: now / 1_000,
  interval: 10,
  host: 'web1',
  plugin: 'interface',
  plugin_instance: 'eth0',
  type: 'if_octets',
  type_instance: '',
}
const read = (json: unknown) =>
  normalize([JSON.stringify(json)], { settings: { formats: { raw: 'collectd' } } })

describe('collectd’s JSON', () => {
  it('makes a series of each data source', () => {
    const { points, out } = read([
      { ...list, time: 1_699_999_999.123 },
      {
        ...list,
        plugin: 'load',
        type: 'load',
        dsnames: ['shortterm', 'midterm'],
        dstypes: ['gauge', 'gauge'],
      },
      {
        ...list,
        plugin: 'memory',
        plugin_instance: '',
        type: 'memory',
        type_instance: 'used',
        dsnames: ['value'],
        dstypes: ['gauge'],
        values: [5],
      }, // prettier-ignore
    ])
    expect(out.rejected).toEqual([])
    expect(points).toEqual([
      ['interface.if_octets.rx,host=web1,plugin_instance=eth0', 1_699_999_999_123, 1],
      ['interface.if_octets.tx,host=web1,plugin_instance=eth0', 1_699_999_999_123, 2],
      ['load.shortterm,host=web1,plugin_instance=eth0', now, 1],
      ['load.midterm,host=web1,plugin_instance=eth0', now, 2],
      ['memory,host=web1,type_instance=used', now, 5],
    ])
  })

  it.each([
    ['gauge', 'gauge'],
    ['counter', 'counter'],
    ['derive', 'counter'],
    ['absolute', 'delta'],
  ])('takes a %s as a %s', (type, kind) => {
    expect(read([{ ...list, dsnames: ['value'], dstypes: [type], values: [7] }]).series).toMatchObject([
      { kind },
    ])
  })

  it('notices when a value list of the same name has other data sources', () => {
    const { points } = read([list, { ...list, dsnames: ['in', 'out'] }])
    expect(points.map(([series]) => series.split(',')[0])).toEqual(
      ['rx', 'tx', 'in', 'out'].map((name) => `interface.if_octets.${name}`),
    )
  })

  it('passes over what is not known', () => {
    expect(read([{ ...list, values: [null, 2] }]).points).toHaveLength(1)
  })

  it.each<[string, unknown, string]>([
    ['no value list', [5], 'unparseable'],
    ['nothing', [], 'unparseable'],
    ['too few values', [{ ...list, values: [1] }], 'unparseable'],
    ['a text for a value', [{ ...list, values: [1, '2'] }], 'unparseable'],
    ['other types than names', [{ ...list, dstypes: ['gauge'] }], 'unparseable'],
    ['an unknown type', [{ ...list, dstypes: ['gauge', '__proto__'] }], 'unparseable'],
    ['a number for a host', [{ ...list, host: 5 }], 'unparseable'],
    ['no plugin', [{ ...list, plugin: '' }], 'invalid_name'],
    ['a time that is none', [{ ...list, time: 'noon' }], 'invalid_timestamp'],
    ['milliseconds', [{ ...list, time: now }], 'timestamp_in_future'],
    ['a rate that was a counter', [{ ...list, values: [1, 2.5] }], 'stored_rate'],
  ])('refuses %s', (_, json, reason) => {
    const { out, points } = read(json)
    expect(points).toEqual([])
    expect(out.rejected).toMatchObject([{ reason }])
  })

  it('refuses more than a double holds', () => {
    const text = JSON.stringify([list]).replace('[1,2]', '[1,2e999]')
    expect(normalize([text]).out.rejected).toMatchObject([{ reason: 'not_finite' }])
  })

  it('refuses the bad value lists alone, with their positions', () => {
    const { points, out } = read([list, null, list, { ...list, values: 5 }])
    expect(points).toHaveLength(4)
    expect(out.rejected[0]!.refusals.map(({ position }) => position)).toEqual([1, 3])
  })

  it('throws nothing but refusals, whatever comes', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', 'gauge', ['gauge'], [1], ['value']))
    const near = fc.record(
      { values: field, dstypes: field, dsnames: field, time: field, host: field, plugin: field, type: field },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            near.map((one) => ({ ...list, ...one })),
            fc.jsonValue(),
          ),
        ),
        (json) => {
          for (const [, , value] of read(json).points) expect(Number.isFinite(value)).toBe(true)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('reads what collectd posts', () => {
    const bytes = readFileSync('test/fixtures/collectd/write-http.json')
    const { points, out } = normalize([bytes], { settings: { maxFutureMs: Infinity } })
    expect(out.rejected).toEqual([])
    expect(points).toHaveLength(46)
    expect(formats.find((format) => format.recognizes(new Payload(bytes, {})))?.name).toBe('collectd')
  })
})
