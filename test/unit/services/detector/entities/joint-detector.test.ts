import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { entities, falseJointAnomalies, jointDelayOf } from '../../../../../bench/detector/entity-trial.ts'
import { joint } from '../../../../../services/detector/entities/joint-detector.ts'
import {
  distanceOf,
  jointDistance,
  type Moments,
  maxFields,
} from '../../../../../services/detector/entities/moments.ts'
import { gaussian } from '../../../../support/gaussian.ts'

/** Rows of values, the last of which is in question. */
function momentsOf(rows: readonly (readonly number[])[], values: readonly number[]): Moments {
  const remembered = new Float32Array(rows.length * maxFields).fill(Number.NaN)
  for (const [i, row] of rows.entries()) remembered.set(row, i * maxFields)
  return { remembered, count: rows.length, values, scales: new Array(maxFields).fill(1) }
}

describe('the distance of moments', () => {
  const corners = [
    [0, 0],
    [0, 0],
    [0, 0],
    [4, 3],
    [4, 3],
    [4, 3],
  ]

  it('is that to the third nearest, in the fields that count', () => {
    expect(distanceOf(momentsOf(corners, [4, 0]), [0, 1])).toBe(3)
    expect(distanceOf(momentsOf(corners, [4, 0]), [1])).toBe(0)
    expect(distanceOf(momentsOf(corners.slice(0, 2), [4, 0]), [0, 1])).toBe(0)
  })

  it('is none together where one field alone explains it', () => {
    expect(jointDistance(momentsOf(corners, [4, 0]), [0, 1])).toBe(3)
    expect(jointDistance(momentsOf(corners, [4, 20]), [0, 1])).toBe(0)
  })

  it('does without a field that is missing', () => {
    const gaps = corners.map(([a, b], i) => (i % 3 === 0 ? [Number.NaN, b!] : [a!, b!]))
    expect(distanceOf(momentsOf(gaps, [4, 3]), [0, 1])).toBe(0)
  })
})

const week = { windows: 10_080, windowMs: 60_000 }

describe('fields of one entity', () => {
  it.each(entities)('have no anomaly in a week, $name', (entity) => {
    expect(falseJointAnomalies(entity, 1, week)).toBe(0)
  })

  it('have one at once when one of them is at night as the others are at noon', () => {
    expect(jointDelayOf(entities[0]!, 1, week)).toBe(0)
  })

  it('are judged the same through bytes, whatever comes', () => {
    const anyField = fc.oneof(
      { weight: 5, arbitrary: fc.double({ min: -10, max: 10, noNaN: true }) },
      fc.constantFrom(Number.NaN, 1e308, -1e308, 0),
    )
    fc.assert(
      fc.property(fc.array(fc.array(anyField, { maxLength: maxFields }), { maxLength: 20 }), (rows) => {
        const next = gaussian(1)
        const one = joint.create(1_000)
        for (let i = 0; i < 400; i++) one.observe(i, 0, false, [next(), next(), next()])
        let other = joint.decode(one.encode())
        for (const [i, row] of rows.entries()) {
          const verdict = one.observe(400 + i, 0, i % 5 === 0, row)
          expect(other.observe(400 + i, 0, i % 5 === 0, row)).toEqual(verdict)
          expect(verdict.likelihood).toBeGreaterThanOrEqual(0)
          expect(Number.isNaN(verdict.score)).toBe(false)
          other = joint.decode(other.encode())
        }
      }),
      { numRuns: 30 },
    )
    expect(() => joint.decode(Buffer.of(1, 2))).toThrow('not a state')
  })
})
