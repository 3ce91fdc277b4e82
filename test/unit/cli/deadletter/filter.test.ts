import { describe, expect, it } from 'vitest'
import { type FilterOptions, filterOf, matches } from '../../../../cli/deadletter/filter.ts'
import { parsePlace } from '../../../../cli/deadletter/place.ts'
import { letterOf, placeOf } from './letters.ts'

describe('a filter', () => {
  it.each<[string, FilterOptions, boolean]>([
    ['nothing', {}, true],
    ['its reason', { reason: 'unparseable' }, true],
    ['another reason', { reason: 'too_large' }, false],
    ['its topic', { topic: 'raw.metrics' }, true],
    ['another topic', { topic: 'raw.logs' }, false],
    ['its tenant', { tenant: 'acme' }, true],
    ['another tenant', { tenant: 'other' }, false],
    ['the host in its value', { producer: 'a' }, true],
    ['another producer', { producer: 'b' }, false],
    ['the time when it was refused', { since: '2026-01-01T00:00:01Z' }, true],
    ['a later time', { since: '2026-01-01T00:00:02Z' }, false],
    ['an end at that very time', { until: '2026-01-01T00:00:01Z' }, false],
    ['a later end', { until: '2026-01-01T00:00:02Z' }, true],
    ['its place among dead letters', { place: 'telemetry.deadletter-0-12' }, true],
    ['that place as headers write it', { place: 'telemetry.deadletter/0/12' }, true],
    ['the place of the record', { place: 'raw.metrics-1-7' }, true],
    ['another place', { place: 'raw.metrics-1-8' }, false],
    ['one that fits and one that does not', { reason: 'unparseable', topic: 'raw.logs' }, false],
  ])('that asks for %s', (_, options, expected) => {
    expect(matches(letterOf({ tenant: 'acme' }), placeOf(12), filterOf(options))).toBe(expected)
  })

  it('that asks for a producer takes what a header names before a host in the value', () => {
    const letter = letterOf({ headers: [{ key: 'Client.Id', value: Buffer.from('shop') }] })
    expect(matches(letter, placeOf(12), filterOf({ producer: 'shop' }))).toBe(true)
    expect(matches(letter, placeOf(12), filterOf({ producer: 'a' }))).toBe(false)
  })

  it('that asks for a producer leaves out a letter that names none', () => {
    const letter = letterOf({ value: Buffer.from('cpu v=') })
    expect(matches(letter, placeOf(12), filterOf({ producer: 'a' }))).toBe(false)
  })

  it.each<[FilterOptions, string]>([
    [{ since: 'yesterday' }, '--since takes a time such as 2026-01-31T13:00:00Z, not “yesterday”.'],
    [{ since: '2026-01-02', until: '2026-01-01' }, 'is not before --until 2026-01-01T00:00:00.000Z.'],
    [{ place: '12' }, '“12” is no position'],
  ])('%j is refused', (options, message) => {
    expect(() => filterOf(options)).toThrow(message)
  })

  it('takes a topic with dashes and numbers in its name', () => {
    expect(parsePlace('raw-2-3-4-5')).toEqual({ topic: 'raw-2-3', partition: 4, offset: 5 })
  })
})
