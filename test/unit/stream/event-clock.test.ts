import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventClock } from '../../../shared/stream/event-clock.ts'

const options = { disorderMs: 1_000, sourceIdleMs: 10_000, maxHoldBackMs: 60_000 }
const begin = 1_700_000_000_000

describe('EventClock', () => {
  it('is the latest event less the disorder, and never goes back', () => {
    const clock = new EventClock(options)
    expect(clock.observe('a', begin + 5_000, begin)).toBe(begin + 4_000)
    expect(clock.observe('a', begin + 2_000, begin + 1)).toBe(begin + 4_000)
  })

  it('waits for the slowest source, until that has been quiet for long', () => {
    const clock = new EventClock(options)
    clock.observe('slow', begin, begin)
    clock.observe('fast', begin + 20_000, begin)
    expect(clock.watermark).toBe(begin - 1_000)
    for (let ms = 4_000; ms <= 12_000; ms += 4_000) clock.observe('fast', begin + 20_000 + ms, begin + ms)
    expect(clock.watermark).toBe(begin + 31_000)
  })

  it('does not take a time in which nobody wrote for a source’s idleness', () => {
    const clock = new EventClock(options)
    clock.observe('slow', begin, begin)
    clock.observe('fast', begin, begin)
    // An hour later, as after an outage: the other source still has its chance to be heard.
    expect(clock.observe('fast', begin + 3_600_000, begin + 3_600_000)).toBe(begin + 3_599_000)
    const shorter = new EventClock({ ...options, maxHoldBackMs: 7_200_000 })
    shorter.observe('slow', begin, begin)
    shorter.observe('fast', begin, begin)
    expect(shorter.observe('fast', begin + 3_600_000, begin + 3_600_000)).toBe(begin - 1_000)
  })

  it('goes on from its memo as if it had never stopped', () => {
    const observation = fc.tuple(
      fc.constantFrom('a', 'topic/b;=|1', 'ü'),
      fc.integer({ min: -60_000, max: 60_000 }),
      fc.nat(8_000),
    )
    fc.assert(
      fc.property(
        fc.array(observation, { maxLength: 20 }),
        fc.array(observation, { maxLength: 20 }),
        (before, after) => {
          let appended = begin
          const clock = new EventClock(options)
          for (const [source, time, ms] of before) {
            appended += ms
            clock.observe(source, begin + time, appended)
          }
          const other = new EventClock(options, clock.memo())
          for (const [source, time, ms] of after) {
            appended += ms
            expect(other.observe(source, begin + time, appended)).toBe(
              clock.observe(source, begin + time, appended),
            )
          }
          expect(other.memo()).toBe(clock.memo())
        },
      ),
    )
  })
})
