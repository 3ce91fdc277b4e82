import { describe, expect, it } from 'vitest'
import { ProducerClocks } from '../../../../../services/normalizer/metrics/producer-clocks.ts'

describe('clocks of producers', () => {
  it('tell the most that each was ahead in the last minute or two, and forget who is silent', () => {
    const clocks = new ProducerClocks()
    const clock = clocks.of('a')
    clock.aheadMs = 2_500
    clocks.of('b').aheadMs = -400
    expect(clocks.read(1_000)).toEqual([
      ['a', 2.5],
      ['b', -0.4],
    ])
    expect(clocks.read(60_000)).toEqual([
      ['a', 2.5],
      ['b', -0.4],
    ])
    clocks.of('b').aheadMs = -100
    expect(clocks.read(120_000)).toEqual([['b', -0.1]])
    expect(clock.isForgotten).toBe(false)
    clocks.read(180_000)
    expect(clock.isForgotten).toBe(true)
    expect(clocks.of('a')).not.toBe(clock)
  })

  it('are told apart up to a number; all others are one', () => {
    const clocks = new ProducerClocks()
    for (let i = 0; i < 10_000; i++) clocks.of(`host-${i}`).aheadMs = i
    const read = clocks.read(0)
    expect(read).toHaveLength(501)
    expect(read.at(-1)).toEqual(['other', 9.999])
  })

  it('have names of bounded length', () => {
    const clocks = new ProducerClocks()
    clocks.of('x'.repeat(100_000)).aheadMs = 0
    expect(clocks.read(0)[0]![0]).toHaveLength(100)
  })
})
