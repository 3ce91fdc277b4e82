import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOtherMeeting, meetingOf } from '../../../../../services/detector/limits/meeting.ts'
import type { Heading } from '../../../../../services/detector/series-detector.ts'

const hour = 3_600_000
/** Rises by 2 an hour, known to a quarter of that. */
const finite = { noNaN: true, noDefaultInfinity: true }

const rising: Heading = {
  ...{ level: 6, perMs: 2 / hour, margin: 0.5 / hour, straying: 0 },
  ...{ seenMs: hour, likelihood: 1, surprise: 40 },
  seasonAhead: () => 0,
}
const falling: Heading = { ...rising, perMs: -2 / hour }

describe('meetingOf', () => {
  it('tells when the nearest limit ahead is met, and the times between which that is likely', () => {
    expect(meetingOf([100, 16, 5], rising, 1_000)).toEqual({
      limit: 16,
      at: 1_000 + 5 * hour,
      earliest: 1_000 + 4 * hour,
      latest: Math.round(1_000 + (20 / 3) * hour),
    })
  })

  it('is less sure of what strays', () => {
    const straying = 0.25 / hour
    const { at, earliest, latest } = meetingOf([16], { ...rising, margin: 0, straying }, 0)!
    // Standard deviation of the first passage: sqrt(10 * 0.25 / 2 ** 3) h.
    expect((latest - at) / hour).toBeCloseTo(1.96 * Math.sqrt(2.5 / 8), 3)
    expect((at - earliest) / hour).toBeCloseTo(1.96 * Math.sqrt(2.5 / 8), 3)
  })

  it('counts with what the season will add then', () => {
    const seasonAhead = (time: number) => (time >= 3 * hour ? 2 : 0)
    expect(meetingOf([16], { ...rising, seasonAhead }, 0)).toMatchObject({
      ...{ earliest: 3.2 * hour, at: 4 * hour },
    })
  })

  it('knows limits that are met from above', () => {
    expect(meetingOf([100, 0], falling, 0)).toMatchObject({ limit: 0, at: 3 * hour })
  })

  it.each([
    ['no limit is ahead', [1, 6], rising],
    ['the series may as well stand still', [16], { ...rising, margin: 2 / hour }],
    ['the line is not known for so long ahead', [16], { ...rising, seenMs: 0.2 * hour }],
    ['it is a leap into nothing', [16], { ...rising, perMs: Number.NaN }],
  ])('tells nothing when %s', (_, limits, heading) => {
    expect(meetingOf(limits, heading, 0)).toBeUndefined()
  })

  it('gives times in order, that a date can name', () => {
    fc.assert(
      fc.property(
        fc.double(),
        fc.double(),
        fc.double(finite),
        fc.double({ min: 0 }),
        fc.nat(),
        fc.double({ ...finite, min: 0 }),
        (...numbers) => {
          const [limit, level, perMs, margin, time, straying] = numbers
          const meeting = meetingOf(
            [limit],
            { ...rising, level, perMs, margin, straying, seenMs: 1e15 },
            time,
          )
          if (!meeting) return
          expect(meeting.earliest).toBeGreaterThanOrEqual(time)
          expect(meeting.at).toBeGreaterThanOrEqual(meeting.earliest)
          expect(meeting.latest).toBeGreaterThanOrEqual(meeting.at)
          expect(new Date(meeting.latest).toISOString()).toMatch(/Z$/)
        },
      ),
    )
  })
})

describe('isOtherMeeting', () => {
  const told = { limit: 1, at: 50, earliest: 40, latest: 60 }
  it.each([
    [told, { ...told, at: 61 }, true],
    [told, { ...told, at: 45 }, false],
    [null, told, true],
    [told, null, false],
  ])('of %j and %j is %s', (before, now, is) => {
    expect(isOtherMeeting(before, now)).toBe(is)
  })
})
