import { describe, expect, it } from 'vitest'
import { slices } from '../../../shared/stream/slices.ts'

const messages = (offsets: readonly number[], bytes = 1) =>
  offsets.map((offset) => ({
    position: offset,
    time: 1,
    isAppendTime: false,
    valueBytes: bytes,
    key: null,
    value: Buffer.alloc(bytes),
    headers: {},
  }))
const cut = (
  offsets: readonly number[],
  limits: { position?: number; emitted?: number; maxRecords?: number },
  bytes = 1,
) =>
  [...slices(messages(offsets, bytes), { position: 0, emitted: 0, maxRecords: 100, ...limits })].map(
    (slice) => slice.map(({ position }) => position),
  )

describe('slices', () => {
  it('are cut by number', () => {
    expect(cut([0, 1, 2, 3, 4], { maxRecords: 2 })).toEqual([[0, 1], [2, 3], [4]])
  })

  it('are cut by size', () => {
    expect(cut([0, 1, 2, 3], {}, 600_000)).toEqual([
      [0, 1],
      [2, 3],
    ])
  })

  it('leave out what was processed before', () => {
    expect(cut([3, 4, 5], { position: 5 })).toEqual([[5]])
    expect(cut([3, 4], { position: 5 })).toEqual([])
  })

  it.each([
    ['at a record', 4],
    ['in a gap', 3],
  ])('are cut where reading again ends: %s', (_, emitted) => {
    expect(cut([0, 2, 4, 6], { emitted })).toEqual([
      [0, 2],
      [4, 6],
    ])
  })
})
