import { describe, expect, it } from 'vitest'
import { windowPoint } from '../../../../services/influx-sink/lines.ts'
import { brief, type Point, run, second, seriesOf, settings, written } from '../../../support/aggregator.ts'

/** Windows of 10 s, a minute and an hour that take points for two hours after their end. */
const config = settings({
  sizesMs: [10 * second, 60 * second, 3_600 * second],
  latenessMs: 7_200 * second,
})

const gauge = seriesOf('m', { host: 'a' })
const at = (seconds: number, value: number, series = gauge): Point => ({ series, at: seconds, value })

describe('a late point', () => {
  it('revises the window that it belongs to, and all longer ones that hold it', () => {
    const { windows } = run(config, written([at(1, 1)], [at(3_602, 0)], [at(5, 4)], [at(9, 8)]))
    const revision = (revision: number, sum: number) =>
      [10, 60, 3_600].map((to) => ({ from: 0, to, revision, sum }))
    expect(brief(windows, 'sum')).toEqual([...revision(0, 1), ...revision(1, 5), ...revision(2, 13)])
  })

  it('revises once, however many of them one record brings', () => {
    const { windows } = run(config, written([at(1, 1)], [at(12, 0)], [at(3, 4), at(4, 5), at(5, 6)]))
    expect(brief(windows, 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, sum: 1 },
      { from: 0, to: 10, revision: 1, sum: 16 },
    ])
  })

  it('does not show in longer windows before their end, and then they hold it', () => {
    const { windows } = run(config, written([at(1, 1)], [at(12, 2)], [at(3, 4)], [at(62, 0)]))
    expect(brief(windows, 'sum')).toEqual([
      { from: 0, to: 10, revision: 0, sum: 1 },
      { from: 0, to: 10, revision: 1, sum: 5 },
      { from: 10, to: 20, revision: 0, sum: 2 },
      { from: 0, to: 60, revision: 0, sum: 7 },
    ])
  })

  it('of a series that had nothing there makes first revisions', () => {
    const other = seriesOf('other')
    const { windows } = run(config, written([at(3_602, 0)], [at(5, 4, other)]))
    expect(brief(windows, 'sum')).toEqual([10, 60, 3_600].map((to) => ({ from: 0, to, revision: 0, sum: 4 })))
  })

  it('revises the longer windows also when the short one had long been empty', () => {
    const { windows } = run(config, written([at(1, 1)], [at(62, 0)], [at(35, 4)]))
    expect(brief(windows, 'sum').slice(2)).toEqual([
      { from: 30, to: 40, revision: 0, sum: 4 },
      { from: 0, to: 60, revision: 1, sum: 5 },
    ])
  })

  it('revises each of the sliding windows that hold it', () => {
    const sliding = settings({
      sliding: [{ sizeMs: 30 * second, stepMs: 10 * second }],
      latenessMs: 60 * second,
    })
    const { windows } = run(sliding, written([at(15, 1)], [at(52, 0)], [at(15, 2)]))
    expect(brief(windows, 'sum').filter(({ revision }) => revision > 0)).toEqual([
      { from: 10, to: 20, revision: 1, sum: 3 },
      { from: -10, to: 20, revision: 1, sum: 3 },
      { from: 0, to: 30, revision: 1, sum: 3 },
      { from: 10, to: 40, revision: 1, sum: 3 },
    ])
  })
})

it('revisions of a window are one point in InfluxDB: each overwrites the one before', () => {
  const { windows } = run(config, written([at(1, 1)], [at(12, 0)], [at(3, 4)]))
  const [first, second_] = windows.map(windowPoint)
  const identity = ({ measurement, tags, time }: ReturnType<typeof windowPoint>) => ({
    measurement,
    tags,
    time,
  })
  expect(windows).toHaveLength(2)
  expect(identity(second_!)).toEqual(identity(first!))
  expect(second_!.fields).toMatchObject({ sum: 5, revision: { integer: 1 } })
})
