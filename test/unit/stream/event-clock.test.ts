import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EventClock, type Sighting } from '../../../shared/stream/event-clock.ts'

const options = { disorderMs: 1_000, sourceIdleMs: 10_000, maxBehindMs: 60_000, maxHoldBackMs: 60_000 }
const begin = 1_700_000_000_000

/** Takes note of a record of one source, the only partition of its topic unless `more` says otherwise. */
const observe = (
  clock: EventClock,
  topic: string,
  maxEventTime: number,
  appendedAt: number,
  more: Partial<Sighting> = {},
) =>
  clock.observe({
    topic,
    partition: 0,
    partitions: 1,
    readUpTo: 0,
    isIdle: null,
    maxEventTime,
    appendedAt,
    ...more,
  })

describe('EventClock', () => {
  it('is the latest event less the disorder, and never goes back', () => {
    const clock = new EventClock(options)
    expect(observe(clock, 'a', begin + 5_000, begin)).toBe(begin + 4_000)
    expect(observe(clock, 'a', begin + 2_000, begin + 1)).toBe(begin + 4_000)
  })

  it('waits for the slowest source, until that has been quiet for long', () => {
    const clock = new EventClock(options)
    observe(clock, 'slow', begin, begin)
    observe(clock, 'fast', begin + 20_000, begin)
    expect(clock.watermark).toBe(begin - 1_000)
    for (let ms = 4_000; ms <= 12_000; ms += 4_000) observe(clock, 'fast', begin + 20_000 + ms, begin + ms)
    expect(clock.watermark).toBe(begin + 31_000)
  })

  it.each([
    ['that never says so', { isIdle: null }, options],
    ['that has said so', { isIdle: true }, options],
    ['that says that it is not, without patience for any', { isIdle: false }, { ...options, maxBehindMs: 0 }],
  ])('counts a source as idle %s, once, until it writes again', (_, tells, chosen) => {
    const clock = new EventClock(chosen)
    const fast = (ms: number) => observe(clock, 'fast', begin + 20_000 + ms, begin + ms)
    observe(clock, 'slow', begin, begin)
    observe(clock, 'slow', -Infinity, begin, tells)
    for (let ms = 4_000; ms <= 8_000; ms += 4_000) fast(ms)
    expect([clock.idle, clock.takeIdled()]).toEqual([0, 0])
    for (let ms = 12_000; ms <= 20_000; ms += 4_000) fast(ms)
    expect([clock.idle, clock.takeIdled(), clock.takeIdled()]).toEqual([1, 1, 0])
    observe(clock, 'slow', begin + 20_000, begin + 21_000, { isIdle: false })
    expect([clock.idle, clock.takeIdled()]).toEqual([0, 0])
  })

  it('knows the latest event of each source, and of none that it has not seen', () => {
    const clock = new EventClock(options)
    observe(clock, 'a', begin + 5_000, begin)
    observe(clock, 'a', begin + 2_000, begin)
    expect(clock.latestOf({ topic: 'a', partition: 0 })).toBe(begin + 5_000)
    expect(clock.latestOf({ topic: 'a', partition: 1 })).toBe(-Infinity)
    expect(clock.latestOf({ topic: 'b', partition: 0 })).toBe(-Infinity)
  })

  it('does not take a time in which nobody wrote for a source’s idleness', () => {
    const clock = new EventClock(options)
    observe(clock, 'slow', begin, begin)
    observe(clock, 'fast', begin, begin)
    // An hour later, as after an outage: the other source still has its chance to be heard.
    expect(observe(clock, 'fast', begin + 3_600_000, begin + 3_600_000)).toBe(begin + 3_599_000)
    const shorter = new EventClock({ ...options, maxHoldBackMs: 7_200_000 })
    observe(shorter, 'slow', begin, begin)
    observe(shorter, 'fast', begin, begin)
    expect(observe(shorter, 'fast', begin + 3_600_000, begin + 3_600_000)).toBe(begin - 1_000)
  })

  it('waits for partitions that exist and were not heard of yet, until they have been quiet for long', () => {
    const clock = new EventClock(options)
    const first = { partition: 0, partitions: 2 }
    expect(observe(clock, 'a', begin, begin, first)).toBe(-Infinity)
    expect(observe(clock, 'a', begin + 5_000, begin, { ...first, partition: 1 })).toBe(begin - 1_000)
    const alone = new EventClock(options)
    for (let ms = 0; ms <= 10_000; ms += 5_000)
      expect(observe(alone, 'a', begin + ms, begin + ms, first)).toBe(-Infinity)
    expect(observe(alone, 'a', begin + 12_000, begin + 12_000, first)).toBe(begin + 11_000)
  })

  it('waits for a source that works off a backlog, however far behind, but not for one that brings old events', () => {
    const hour = 3_600_000
    const two = { partitions: 2, readUpTo: begin }
    const clock = new EventClock(options)
    observe(clock, 'a', begin - hour, begin, { ...two, readUpTo: begin - hour })
    expect(observe(clock, 'a', begin, begin, { ...two, partition: 1 })).toBe(begin - hour - 1_000)
    const old = new EventClock(options)
    observe(old, 'a', begin - hour, begin, two)
    expect(observe(old, 'a', begin, begin, { ...two, partition: 1 })).toBe(begin - 1_000)
  })

  it('waits for a silent source that has not said that it is idle, though not for ever', () => {
    const tells = { partitions: 2, isIdle: false }
    const clock = new EventClock(options)
    observe(clock, 'a', begin, begin, tells)
    const other = { ...tells, partition: 1 }
    for (let ms = 0; ms <= 60_000; ms += 5_000) {
      observe(clock, 'a', begin + ms, begin + ms, other)
      expect(clock.watermark).toBe(begin - 1_000)
    }
    expect(clock.behind()).toContainEqual({ topic: 'a', partition: 0, silentMs: 60_000 })
    expect(clock.takeAbandoned()).toEqual([])
    expect(observe(clock, 'a', begin + 65_000, begin + 65_000, other)).toBe(begin + 64_000)
    expect(clock.takeAbandoned()).toEqual([{ topic: 'a', partition: 0, silentMs: 65_000 }])
    expect(clock.takeAbandoned()).toEqual([])
    // It is waited for again when it is back.
    observe(clock, 'a', begin + 65_000, begin + 66_000, tells)
    expect(observe(clock, 'a', begin + 90_000, begin + 67_000, other)).toBe(begin + 64_000)
  })

  it('does not wait for one that has said so, from when it has been silent for long', () => {
    const tells = { partitions: 2, isIdle: false }
    const other = { ...tells, partition: 1 }
    const clock = new EventClock(options)
    observe(clock, 'a', begin, begin, tells)
    observe(clock, 'a', begin, begin + 2_000, { ...tells, isIdle: true })
    for (let ms = 3_000; ms <= 9_000; ms += 3_000)
      expect(observe(clock, 'a', begin + ms, begin + ms, other)).toBe(begin - 1_000)
    expect(observe(clock, 'a', begin + 12_000, begin + 12_000, other)).toBe(begin + 11_000)
    expect(clock.behind()).toEqual([{ topic: 'a', partition: 1, silentMs: 0 }])
    expect(clock.takeAbandoned()).toEqual([])
  })

  it('takes silence for idleness of those that never say so, and of all when told to wait for nobody', () => {
    for (const [isIdle, chosen] of [
      [null, options],
      [false, { ...options, maxBehindMs: 0 }],
    ] as const) {
      const clock = new EventClock(chosen)
      observe(clock, 'a', begin, begin, { partitions: 2, isIdle })
      const other = { partitions: 2, partition: 1, isIdle }
      for (let ms = 0; ms <= 12_000; ms += 4_000) observe(clock, 'a', begin + ms, begin + ms, other)
      expect(clock.watermark).toBe(begin + 11_000)
      expect(clock.behind()).toEqual([])
    }
  })

  it('expects nothing of a topic that has shown no events', () => {
    const clock = new EventClock(options)
    observe(clock, 'logs', -Infinity, begin, { partitions: 3, isIdle: true })
    expect(observe(clock, 'a', begin, begin, { isIdle: false })).toBe(begin - 1_000)
  })

  it('waits for a partition that exists and whose reader has said nothing yet', () => {
    const clock = new EventClock(options)
    const first = { partition: 0, partitions: 2, isIdle: false }
    for (let ms = 0; ms <= 20_000; ms += 5_000)
      expect(observe(clock, 'a', begin + ms, begin + ms, first)).toBe(-Infinity)
    // It is empty.
    const empty = { ...first, partition: 1, isIdle: true }
    expect(observe(clock, 'a', -Infinity, begin + 21_000, empty)).toBe(begin + 19_000)
  })

  it('refuses a memo that is none', () => {
    expect(() => new EventClock(options, 'x;?')).toThrow(RangeError)
  })

  it('goes on from its memo as if it had never stopped', () => {
    const observation = fc.tuple(
      fc.constantFrom('a', 'topic/b;=|1', 'ü'),
      fc.integer({ min: -60_000, max: 60_000 }),
      fc.nat(8_000),
      fc.constantFrom(null, false, true),
    )
    fc.assert(
      fc.property(
        fc.array(observation, { maxLength: 20 }),
        fc.array(observation, { maxLength: 20 }),
        (before, after) => {
          let appended = begin
          const clock = new EventClock(options)
          for (const [source, time, ms, isIdle] of before) {
            appended += ms
            observe(clock, source, begin + time, appended, { isIdle })
          }
          const other = new EventClock(options, clock.memo())
          for (const [source, time, ms, isIdle] of after) {
            appended += ms
            expect(observe(other, source, begin + time, appended, { isIdle })).toBe(
              observe(clock, source, begin + time, appended, { isIdle }),
            )
            expect(other.behind()).toEqual(clock.behind())
          }
          expect(other.memo()).toBe(clock.memo())
        },
      ),
    )
  })
})
