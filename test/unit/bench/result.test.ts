import { describe, expect, it } from 'vitest'
import { textOf } from '../../../bench/harness/print.ts'
import { type BenchResult, machine, measured, ratios } from '../../../bench/harness/result.ts'
import { figure, tableOf } from '../../../bench/harness/table.ts'

const ours = measured(5_000_000, 10, 8)
const peer = measured(5_000_000, 100, 70)

describe('results', () => {
  it('state points per CPU second and the ratios of what was run', () => {
    expect(ours).toEqual({ points: 5_000_000, cpu_s: 10, wall_s: 8, points_per_cpu_s: 500_000 })
    expect(ratios({ ours, peer })).toEqual({ ratio_peer: 10 })
    expect(ratios({ peer })).toEqual({})
  })

  it('are printed as tables', () => {
    const result: BenchResult = {
      bench: 'windows',
      taken: '2026-01-01T00:00:00.000Z',
      machine: { cpus: 2, cpu: 'x', node: 'v24', load_before: 0 },
      workload: { messages: 1_000_000 },
      ours,
      peer,
      ratio_peer: 10,
    }
    expect(textOf(result)).toBe(`bench windows: messages 1,000,000
|      |    points | CPU s | wall s | points per CPU s | points per wall s |
|------|----------:|------:|-------:|-----------------:|------------------:|
| ours | 5,000,000 |    10 |      8 |          500,000 |           625,000 |
| peer | 5,000,000 |   100 |     70 |           50,000 |            71,429 |
ours / peer: 10 times the points per CPU second
`)
  })

  it('leave a dash where a row lacks what another has', () => {
    const rows = [{ what: 'a' }, { what: 'b', ratio: 2 }]
    const result = { bench: 'x', taken: '', machine: machine(), workload: {}, rows, worst_factor: 3 }
    expect(textOf(result)).toContain(`| what | ratio |
|------|------:|
| a    |     – |
| b    |     2 |
worst factor 3`)
  })

  it.each([
    [1_234_567, '1,234,567'],
    [12.34, '12.3'],
    [1.234, '1.23'],
    [0.1234, '0.123'],
    [undefined, '–'],
  ])('spell the figure %s', (value, text) => {
    expect(figure(value)).toBe(text)
  })

  it('put words to the left and figures to the right', () => {
    expect(
      tableOf([
        ['part', 'ns'],
        ['encoding', '7'],
        ['x', '1,000'],
      ]),
    ).toBe('| part     |    ns |\n|----------|------:|\n| encoding |     7 |\n| x        | 1,000 |')
  })
})
