import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'
import { Payload } from '../../../../../services/normalizer/payload.ts'
import { normalize, now } from '../../../../support/normalize.ts'

const read = (text: string) => normalize([text], { settings: { formats: { raw: 'graphite' } } })

describe('Graphite plaintext', () => {
  it.each<[string, string, readonly (readonly [string, number, number])[]]>([
    ['a line', 'servers.web1.load 1.5 1700000000\n', [['servers.web1.load', now, 1.5]]],
    [
      'several, and CRLF',
      'a 1 1699999999\r\n\r\nb\t2 \t1699999998',
      [
        ['a', 1_699_999_999_000, 1],
        ['b', 1_699_999_998_000, 2],
      ],
    ], // prettier-ignore
    ['tags', 'disk.used;host=web1;dc=a/b 42 1700000000', [['disk.used,dc=a/b,host=web1', now, 42]]],
    ['N for now', 'a 1 N', [['a', now, 1]]],
    ['-1 for now', 'a 1 -1', [['a', now, 1]]],
    ['no timestamp', 'a 1', [['a', now, 1]]],
    ['fractions of seconds', 'a 1 1699999999.25', [['a', 1_699_999_999_250, 1]]],
    ['exponents and signs', 'a -1.5e3 N', [['a', now, -1_500]]],
  ])('takes %s', (_, text, expected) => {
    const { points, out } = read(text)
    expect(out.rejected).toEqual([])
    expect(points).toEqual(expected)
  })

  it.each([
    ['a path alone', 'a', 'unparseable'],
    ['a word for a number', 'a one 1700000000', 'unparseable'],
    ['four words', 'a 1 1700000000 2', 'unparseable'],
    ['a tag without a value', 'a;b= 1 N', 'unparseable'],
    ['a tag without a key', 'a;=b 1 N', 'unparseable'],
    ['a path of tags', ';a=b 1 N', 'invalid_name'],
    ['the same tag twice', 'a;b=1;b=2 1 N', 'duplicate_tag'],
    ['NaN', 'a nan N', 'not_finite'],
    ['infinity', 'a 1e999 N', 'not_finite'],
    ['a word for a time', 'a 1 noon', 'invalid_timestamp'],
    ['milliseconds', 'a 1 1700000000000', 'timestamp_in_future'],
  ])('refuses %s', (_, text, reason) => {
    const { out, points } = read(text)
    expect(points).toEqual([])
    expect(out.rejected).toMatchObject([{ reason }])
  })

  it('refuses the bad lines alone, with their positions', () => {
    const { points, out } = read('a 1 N\nb\n\nc x N\nd 1 N')
    expect(points.map(([series]) => series)).toEqual(['a', 'd'])
    expect(out.rejected[0]!.refusals.map(({ position }) => position)).toEqual([1, 3])
  })

  it('throws nothing but refusals, whatever comes', () => {
    const piece = fc.constantFrom(
      'a',
      '.',
      ';',
      '=',
      ' ',
      '1',
      '-1',
      'N',
      '\n',
      '\t',
      '__proto__',
      '1700000000',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 20 }), (pieces) => {
        for (const [, time, value] of read(pieces.join('')).points)
          expect([time, value].every(Number.isFinite)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['servers.web1.load 1.5 1700000000\n', 'graphite'],
    ['disk.used;host=web1 42 1700000000', 'graphite'],
    ['a -0.5 N', 'graphite'],
    ['m,host=a v=1 1700000000', 'influx'],
    ['up 1 1700000000000', undefined],
  ])('%s is recognized as %s', (text, name) => {
    expect(formats.find((format) => format.recognizes(new Payload(Buffer.from(text), {})))?.name).toBe(name)
  })
})
