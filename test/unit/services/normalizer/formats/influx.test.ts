import { readFileSync } from 'node:fs'
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
})
