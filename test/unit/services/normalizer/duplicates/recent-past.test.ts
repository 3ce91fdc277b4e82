import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fingerprint } from '../../../../../services/normalizer/duplicates/fingerprint.ts'
import { RecentPast } from '../../../../../services/normalizer/duplicates/recent-past.ts'

const limits = { windowMs: 1_000, maxEntries: 20 }

interface Seen {
  readonly offset: number
  readonly timestamp: number
  /** What the record brings, by numbers. */
  readonly things: readonly number[]
}

const anyLog = fc
  .array(
    fc.record({
      apart: fc.oneof(
        fc.constant(0),
        fc.integer({ min: -300, max: 700 }),
        fc.integer({ min: 1_000, max: 3_000 }),
      ),
      gap: fc.integer({ min: 0, max: 3 }),
      things: fc.array(fc.nat({ max: 40 }), { maxLength: 14 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((entries): readonly Seen[] => {
    let offset = 100
    let timestamp = 1_700_000_000_000
    return entries.map(({ apart, gap, things }) => {
      timestamp += apart
      offset += 1 + gap
      return { offset, timestamp, things }
    })
  })

const print = new Fingerprint()

/** Which of the things of each record were known. */
const read = (past: RecentPast, log: readonly Seen[]) =>
  log.map((record) => {
    past.readFrom(record)
    return record.things.map((thing) => past.holds(print.begin(0, 1).number(thing).end()))
  })

describe('the recent past', () => {
  it('is known again when the log is read again from where it says', () => {
    fc.assert(
      fc.property(anyLog, fc.nat(), fc.nat(), (log, first, second) => {
        const undisturbed = read(new RecentPast(limits), log)
        // As with log events that wait for a line, what has to be known may lie before what was read last.
        const until = 1 + (first % log.length)
        const needed = second % until
        const past = new RecentPast(limits)
        read(past, log.slice(0, until))
        const resume = past.resumeFrom(log[needed]!.offset)
        expect(resume).toBeLessThanOrEqual(log[needed]!.offset)
        const from = log.findIndex(({ offset }) => offset >= resume)
        expect(read(new RecentPast(limits), log.slice(from)).slice(needed - from)).toEqual(
          undisturbed.slice(needed),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('knows all of the window while there are few, and nothing of twice the window before', () => {
    fc.assert(
      fc.property(anyLog, (log) => {
        const forward = log.toSorted((a, b) => a.timestamp - b.timestamp || a.offset - b.offset)
        const known = read(new RecentPast({ windowMs: 1_000, maxEntries: 10_000 }), forward)
        const lastSeen = new Map<number, number>()
        for (const [i, { timestamp, things }] of forward.entries())
          for (const [j, thing] of things.entries()) {
            const ago = timestamp - (lastSeen.get(thing) ?? -Infinity)
            if (ago < 1_000) expect(known[i]![j]).toBe(true)
            if (ago >= 2_000) expect(known[i]![j]).toBe(false)
            lastSeen.set(thing, timestamp)
          }
      }),
    )
  })

  it('forgets the older half when there is too much, and tells how often', () => {
    const past = new RecentPast({ windowMs: 1_000, maxEntries: 4 })
    const log = [1, 2, 3, 4, 5, 3, 1].map((thing, offset) => ({ offset, timestamp: 0, things: [thing] }))
    expect(read(past, log).flat()).toEqual([false, false, false, false, false, true, false])
    expect([past.cuts, past.resumeFrom(7)]).toEqual([3, 4])
  })

  it('remembers of a single record no more than a generation holds', () => {
    const past = new RecentPast({ windowMs: 1_000, maxEntries: 4 })
    expect(read(past, [{ offset: 0, timestamp: 0, things: [1, 2, 3, 3, 1] }])).toEqual([
      [false, false, false, false, true],
    ])
  })

  it('asks for nothing again when it knows nothing', () => {
    const past = new RecentPast(limits)
    expect(past.resumeFrom(7)).toBe(7)
    read(past, [
      { offset: 7, timestamp: 0, things: [1] },
      { offset: 8, timestamp: 999, things: [] },
    ])
    expect(past.resumeFrom(9)).toBe(7)
    read(past, [{ offset: 9, timestamp: 1_000, things: [] }])
    expect(past.resumeFrom(10)).toBe(10)
  })
})
