import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLogfmt } from '../../../../../services/normalizer/formats/logfmt.ts'
import type { LogRecord } from '../../../../../shared/avro/types.ts'
import { now, normalize as run } from '../../../../support/normalize.ts'

describe('logfmt', () => {
  it.each<[string, string, Partial<LogRecord>]>([
    [
      'slog',
      'time=2023-11-14T22:13:20.000Z level=WARN msg="slow \\"query\\"\\n" service=shop took=5ms',
      {
        time: now,
        level: 'warn',
        message: 'slow "query"\n',
        service: 'shop',
        attributes: { 'log.level': 'WARN', took: '5ms' },
      },
    ],
    [
      'go-kit',
      'ts=2023-11-14T22:13:20.123456789Z caller=main.go:12 level=error err="dial tcp: refused" component=db',
      {
        time: now + 123,
        level: 'error',
        message: 'dial tcp: refused',
        attributes: {
          caller: 'main.go:12',
          'log.level': 'error',
          'error.message': 'dial tcp: refused',
          component: 'db',
        },
      },
    ],
    [
      'log15',
      't=2023-11-14T23:13:20+0100 lvl=dbug msg=start flag',
      { time: now, message: 'start', attributes: { 'log.level': 'dbug', flag: '' } },
    ],
    ['a number for a time', 'ts=1700000000.5 level=info msg=x', { time: now + 500 }],
    [
      'names of JavaScript',
      'level=info msg=x __proto__=y constructor=z',
      { attributes: { 'log.level': 'info', constructor: 'z' } },
    ],
  ])('is read from %s', (_, line, expected) => {
    const { logs, out } = run([line])
    expect(out.rejected).toEqual([])
    expect(logs).toMatchObject([expected])
  })

  it('is refused line by line', () => {
    const { logs, out } = run(['level=info msg=x\nlevel=info msg="open\n="\nlevel=info msg=y'])
    expect(logs.length).toBe(2)
    expect(out.rejected[0]!.refusals.map(({ position }) => position)).toEqual([1, 2])
  })

  it.each([
    'cpu,level=x msg="y" 1700000000000000000',
    'cpu level=1,msg="y"',
    'a=1 b=2',
    'level=5i 1700000000000000000',
  ])('is not seen in %s', (line) => {
    expect(run([line]).logs).toEqual([])
  })

  it('gives back the pairs that it was written from', () => {
    const key = fc.stringMatching(/^[a-z_.]{1,8}$/)
    fc.assert(
      fc.property(fc.dictionary(key, fc.string({ unit: 'binary' })), (pairs) => {
        const line = Object.entries(pairs)
          .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
          .join(' ')
        expect({ ...parseLogfmt(line) }).toEqual({ ...pairs })
      }),
    )
  })
})
