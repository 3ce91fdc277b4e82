import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalize } from '../../../../support/normalize.ts'

const settings = {
  formats: { raw: 'influx' },
  earliestTime: '1970-01-01T00:00:00Z',
  maxFutureMs: Number.POSITIVE_INFINITY,
}

describe('line protocol', () => {
  it('reads each line of Telegraf’s tests, and makes points of all that have more than strings', () => {
    const lines = readFileSync('test/fixtures/influx/telegraf-lines.influx', 'utf8').trim().split('\n')
    const string = '[^ ,=]+="([^"\\\\]|\\\\.)*"'
    const stringsAlone = new RegExp(`^(\\\\.|[^ \\\\])+ ${string}(,${string})*( \\d+)?$`)
    const without = lines.filter((line) => {
      const { out, points } = normalize([line], { settings })
      expect(out.rejected, line).toEqual([])
      return points.length === 0
    })
    expect(without).toEqual(lines.filter((line) => stringsAlone.test(line)))
  })

  it('takes a record for line protocol whether or not its lines were met before', () => {
    const piece = fc.constantFrom(...'m,=\\ \t\n\u0001a1#{"')
    const text = fc.oneof(
      fc.string({ unit: piece, minLength: 1, maxLength: 16 }),
      fc
        .tuple(fc.string({ unit: piece, maxLength: 6 }), fc.string({ unit: piece, maxLength: 4 }))
        .map(([head, name]) => `m${head} a${name}=1`),
    )
    const settled = { ...settings, formats: {} }
    fc.assert(
      fc.property(text, (last) => {
        const fate = (before: string) => {
          const { out, points } = normalize([before, last], { settings: settled })
          const count = normalize([before], { settings: settled }).points.length
          return {
            points: points.slice(count),
            refused: out.rejected.filter(({ offset }) => offset === 1).map(({ reason }) => reason),
          }
        }
        expect(fate(`w v=1\n${last}`)).toEqual(fate('w v=1'))
      }),
      { numRuns: 2_000 },
    )
  })

  // Two backslashes are never one: the protocol has no escape for a backslash in names.
  it.each([
    [String.raw`cpu,region=\\,\,\=east value=1`, [{ key: 'region', value: String.raw`\,,=east` }]],
    [String.raw`cpu,host=two\\ words value=1`, [{ key: 'host', value: String.raw`two\ words` }]],
    [String.raw`cpu,host=trailing\\  value=1`, [{ key: 'host', value: 'trailing\\ ' }]],
    [String.raw`cpu,reg\\=ion=east value=1`, [{ key: String.raw`reg\=ion`, value: 'east' }]],
    [String.raw`cpu,path=C:\\dir\sub value=1`, [{ key: 'path', value: String.raw`C:\\dir\sub` }]],
  ])('reads the tags of %s', (line, tags) => {
    const { out, series } = normalize([line], { settings })
    expect(out.rejected).toEqual([])
    expect(series).toMatchObject([{ metric: 'cpu', tags }])
  })

  it('reads a field whose name has a backslash before an escaped equals sign', () => {
    const { series } = normalize([String.raw`cpu a\\=b=1`], { settings })
    expect(series.map(({ metric }) => metric)).toEqual([String.raw`cpu.a\=b`])
  })

  it('ends a line at its end, also behind a backslash', () => {
    const { out, points } = normalize(['cpu\\\ncpu,host=a\\\ncpu value\\\ncpu value=1 5000000'], { settings })
    expect(out.rejected[0]?.refusals.map(({ position }) => position)).toEqual([0, 1, 2])
    expect(points).toEqual([['cpu', 5, 1]])
  })

  it.each([
    ['9223372036854775807i', 2 ** 63],
    ['-9223372036854775808i', -(2 ** 63)],
    ['18446744073709551615u', 2 ** 64],
    ['0000000000000000000000000000042i', 42],
    ['1234567890123456i', 1_234_567_890_123_456],
    ['-0i', -0],
    ['+7i', 7],
  ])('reads the integer %s', (text, value) => {
    expect(normalize([`cpu value=${text} 5000000`], { settings }).points).toEqual([['cpu', 5, value]])
  })

  it.each([
    '9223372036854775808i',
    '-9223372036854775809i',
    '18446744073709551616u',
    '123456789012345678901i',
    '-123u',
    '1.0i',
    '9e10i',
    '-i',
    'i',
    'nani',
  ])('refuses %s, which is no integer of 64 bits', (text) => {
    const { out } = normalize([`cpu value=${text}`], { settings })
    expect(out.rejected).toMatchObject([{ reason: 'unparseable' }])
    expect(out.rejected[0]?.detail).toContain(`“${text}” is not an integer`)
    expect(out.sent).toEqual([])
  })
})
