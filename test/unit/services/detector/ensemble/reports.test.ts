import { describe, expect, it } from 'vitest'
import { Reports } from '../../../../../services/detector/ensemble/reports.ts'
import { Layout } from '../../../../../services/detector/models/cells.ts'

/** What is left of surprises that come one after the other. */
function reported(surprises: readonly number[]): readonly number[] {
  const layout = new Layout()
  const reports = new Reports(layout)
  const cells = layout.cells()
  return surprises.map((surprise) => {
    const left = reports.weigh(cells, surprise)
    reports.learn(cells, surprise)
    return left
  })
}

const calm = (rows: number) => Array<number>(rows).fill(0)

describe('reports', () => {
  it('tell an incident at its beginning, and again only when it becomes worse', () => {
    expect(reported([0, 4, 3, 4, 2, 0])).toEqual([0, 4, 0, 0, 0, 0])
    expect(reported([4, 9, 5])).toEqual([4, 9, 0])
  })

  it('tell the next one when the last is eighty rows ago', () => {
    const [first, ...later] = reported([4, ...calm(80), 4])
    expect(first).toBe(4)
    expect(later.at(-1)).toBeGreaterThan(0)
    expect(reported([4, ...calm(60), 4]).at(-1)).toBe(0)
  })

  it('count the less, the more like it were told', () => {
    const surprises = Array.from({ length: 5 }, () => [4, ...calm(80)]).flat()
    const left = reported(surprises).filter((surprise) => surprise > 0)
    expect(left.map((surprise) => surprise / 4)).toEqual([1, 1 / 1.3, 1 / 1.6, 1 / 1.9, 1 / 2.2])
    // Greater than all before, it counts in full.
    expect(reported([...surprises, 40]).at(-1)).toBe(40)
  })
})
