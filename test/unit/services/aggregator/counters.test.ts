import { describe, expect, it } from 'vitest'
import { brief, type Point, run, second, seriesOf, settings, written } from '../../../support/aggregator.ts'

const config = settings({ counterGapMs: 60 * second })

const counter = seriesOf('requests', { host: 'a' }, 'counter')
const gauge = seriesOf('m')
const at = (seconds: number, value: number, series = counter): Point => ({ series, at: seconds, value })

/** What the windows of a counter have gained, by their beginnings, in the end. */
function increases(...records: readonly (readonly Point[])[]) {
  const { windows } = run(config, [...written(...records), 'quiet'])
  const ofCounter = windows.filter(({ series }) => series.kind === 'counter')
  return Object.fromEntries(brief(ofCounter, 'increase').map(({ from, increase }) => [from, increase]))
}

describe('a counter', () => {
  it('has gained the differences of its readings; its samples are the rates between them', () => {
    const { windows } = run(config, written([at(1, 100), at(5, 150), at(9, 170)], [at(22, 0, gauge)]))
    expect(brief(windows, 'increase', 'rate', 'count', 'min', 'max', 'mean')).toEqual([
      { from: 0, to: 10, revision: 0, increase: 70, rate: 7, count: 2, min: 5, max: 12.5, mean: 8.75 },
    ])
  })

  it('has gained nothing that is known of with its first reading', () => {
    expect(increases([at(1, 100)])).toEqual({})
  })

  it('gains from the last reading of the window before', () => {
    expect(increases([at(1, 100)], [at(11, 130)], [at(21, 131)])).toEqual({ 10: 30, 20: 1 })
  })

  it('gains from a reading that has left with its window long ago', () => {
    expect(increases([at(1, 100)], [at(55, 0, gauge)], [at(58, 130)])).toEqual({ 50: 30 })
  })

  it.each([
    ['a reset', 150, 30, 30],
    ['a reset to nothing', 150, 0, 0],
    ['an overflow of 32 bits', 2 ** 32 - 10, 5, 15],
    ['an overflow of 64 bits', 2 ** 64 - 2_048, 100, 2_148],
    ['a reset of a number that is far from overflowing', 2 ** 31, 5, 5],
    ['a reset to a number that no overflow gives', 2 ** 32 - 10, 2 ** 30, 2 ** 30],
  ])('sees %s', (_, earlier, later, gained) => {
    expect(increases([at(1, earlier), at(2, later)])).toEqual({ 0: gained })
  })

  it('knows nothing of what happened in a gap', () => {
    expect(increases([at(1, 100)], [at(61.001, 200)], [at(62, 250)])).toEqual({ 60: 50 })
    expect(increases([at(1, 100)], [at(61, 200)], [at(62, 250)])).toEqual({ 60: 150 })
  })

  it('is told again where a late reading changes what its neighbours have gained', () => {
    const { windows } = run(config, written([at(1, 100)], [at(11, 130)], [at(22, 130)], [at(8, 120)]))
    expect(brief(windows, 'increase')).toEqual([
      { from: 10, to: 20, revision: 0, increase: 30 },
      { from: 10, to: 20, revision: 1, increase: 10 },
      { from: 0, to: 10, revision: 1, increase: 20 },
    ])
  })

  it('counts a reading once that is delivered twice', () => {
    expect(increases([at(1, 100), at(5, 150)], [at(5, 150)], [at(6, 160)])).toEqual({ 0: 60 })
  })

  it('is remembered as long as a late reading may come within its gap', () => {
    const often = { ...config, stateIntervalMs: 10 * second }
    // The watermark is at 81, so that windows from 60 on still take readings.
    const { windows } = run(often, [
      ...written([at(1, 100)], [at(40, 0, gauge)], [at(83, 0, gauge)], [at(61, 130)]),
      'quiet',
    ])
    const ofCounter = windows.filter(({ series }) => series.kind === 'counter')
    expect(brief(ofCounter, 'increase')).toEqual([{ from: 60, to: 70, revision: 0, increase: 30 }])
  })

  it('has gained in longer windows what it has gained in those within', () => {
    const lengths = { ...config, sizesMs: [10 * second, 60 * second] }
    const { windows } = run(
      lengths,
      written([at(1, 100)], [at(15, 110)], [at(55, 10)], [at(63, 14)], [at(65, 0)]),
    )
    const minutes = windows.filter(({ sizeMs }) => sizeMs === 60 * second)
    expect(brief(minutes, 'increase', 'rate', 'count')).toEqual([
      { from: 0, to: 60, revision: 0, increase: 20, rate: 20 / 60, count: 2 },
    ])
  })
})

it('a delta gains its samples', () => {
  const delta = seriesOf('requests', { host: 'a' }, 'delta')
  const { windows } = run(config, written([at(1, 5, delta), at(2, 7, delta)], [at(12, 0, gauge)]))
  expect(brief(windows, 'count', 'sum', 'increase', 'rate')).toEqual([
    { from: 0, to: 10, revision: 0, count: 2, sum: 12, increase: 12, rate: 1.2 },
  ])
})

it('a gauge gains nothing', () => {
  const { windows } = run(config, written([at(1, 5, gauge)], [at(12, 0, gauge)]))
  expect(brief(windows, 'increase', 'rate')).toEqual([
    { from: 0, to: 10, revision: 0, increase: null, rate: 0.1 },
  ])
})
