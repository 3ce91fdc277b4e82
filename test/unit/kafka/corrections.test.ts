import { describe, expect, it } from 'vitest'
import { withoutAborted } from '../../../shared/kafka/corrections.ts'

const data = (offset: number, producerId: string, inTransaction = true) => ({
  offset: String(offset),
  key: null,
  isControlRecord: false,
  batchContext: { producerId, inTransaction },
})
const marker = (offset: number, producerId: string, type: 'abort' | 'commit') => ({
  offset: String(offset),
  key: Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1]),
  isControlRecord: true,
  batchContext: { producerId, inTransaction: true },
})
const kept = (
  messages: Parameters<typeof withoutAborted>[0]['messages'],
  aborted: readonly (readonly [string, number])[],
) =>
  withoutAborted({
    messages,
    abortedTransactions: aborted.map(([producerId, offset]) => ({ producerId, firstOffset: String(offset) })),
  })
    .filter(({ isControlRecord }) => !isControlRecord)
    .map(({ offset }) => Number(offset))

describe('withoutAborted', () => {
  it('leaves out what an aborted transaction wrote, up to its marker', () => {
    expect(
      kept(
        [data(1, 'a'), data(2, 'b'), marker(3, 'a', 'abort'), data(4, 'a'), marker(5, 'b', 'commit')],
        [['a', 1]],
      ),
    ).toEqual([2, 4])
  })

  it('knows several that had begun before the first message', () => {
    expect(
      kept(
        [data(10, 'b'), data(11, 'a'), data(12, 'c')],
        [
          ['a', 3],
          ['b', 5],
        ],
      ),
    ).toEqual([12])
  })

  it('does not depend on the order in which the broker lists them', () => {
    expect(
      kept(
        [data(1, 'a'), data(2, 'b'), marker(3, 'b', 'abort'), marker(4, 'a', 'abort')],
        [
          ['b', 2],
          ['a', 1],
        ],
      ),
    ).toEqual([])
  })

  it('takes two aborted transactions of the same producer', () => {
    expect(
      kept(
        [
          data(1, 'a'),
          marker(2, 'a', 'abort'),
          data(3, 'a'),
          marker(4, 'a', 'commit'),
          data(5, 'a'),
          marker(6, 'a', 'abort'),
        ],
        [
          ['a', 1],
          ['a', 5],
        ],
      ),
    ).toEqual([3])
  })

  it('lets records outside of transactions through, and data whose key looks like a marker', () => {
    const lookalike = { ...data(2, 'a'), key: Buffer.from([0, 0, 0, 0]) }
    expect(kept([data(1, 'a', false), lookalike, data(3, 'a')], [['a', 1]])).toEqual([1])
  })
})
