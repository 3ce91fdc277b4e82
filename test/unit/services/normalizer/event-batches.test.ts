import { describe, expect, it } from 'vitest'
import { batchesOf } from '../../../../services/normalizer/event-batches.ts'

describe('batches of events', () => {
  const lengthOf = (text: string) => text.length
  const text = (length: number) => 'x'.repeat(length)

  it('hold what fits into a record, in order', () => {
    const events = [text(300_000), 'a', text(99_999), 'b', 'c']
    expect([...batchesOf(events, lengthOf)]).toEqual([events.slice(0, 3), ['b', 'c']])
  })

  it('hold one alone that is larger', () => {
    const events = ['a', text(500_000), 'b']
    expect([...batchesOf(events, lengthOf)]).toEqual(events.map((event) => [event]))
  })

  it('are none of nothing', () => {
    expect([...batchesOf([], lengthOf)]).toEqual([])
  })
})
