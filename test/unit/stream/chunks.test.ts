import { expect, it } from 'vitest'
import { chunks } from '../../../shared/stream/chunks.ts'

it.each<[string, readonly number[], number | undefined, readonly (readonly number[])[]]>([
  ['nothing', [], undefined, []],
  ['what fits', [3, 7], undefined, [[3, 7]]],
  ['by size', [3, 7, 1], undefined, [[3, 7], [1]]],
  ['by number', [1, 1, 1], 2, [[1, 1], [1]]],
  ['a large item for itself', [1, 20, 1], undefined, [[1], [20], [1]]],
])('cuts %s', (_, sizes, maxItems, expected) => {
  const limits = { maxSize: 10, ...(maxItems && { maxItems }) }
  expect([...chunks(sizes, (size) => size, limits)]).toEqual(expected)
})
