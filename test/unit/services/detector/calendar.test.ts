import { describe, expect, it } from 'vitest'
import { calendarOf, isFree } from '../../../../services/detector/calendar.ts'
import { detectorSection } from '../../../../services/detector/config.ts'
import { detect, detectorSettings, steady, windowAt } from '../../../support/detector.ts'

const entry = { from: '2026-03-01T02:00:00Z', to: '2026-03-01T04:00:00Z', metric: '*', where: {} }
const minuteMs = 60_000
const isFreeAt = (every: 'day' | 'week' | 'year' | undefined, time: string, sizeMs = minuteMs) =>
  isFree(calendarOf([{ ...entry, every }]), Date.parse(time), sizeMs)

describe('the calendar', () => {
  it.each([
    [undefined, '2026-03-01T01:58:00Z', false],
    [undefined, '2026-03-01T01:59:30Z', true],
    [undefined, '2026-03-01T02:00:00Z', true],
    [undefined, '2026-03-01T03:59:59Z', true],
    [undefined, '2026-03-01T04:00:00Z', false],
    [undefined, '2026-03-02T03:00:00Z', false],
    ['day', '2026-02-28T03:00:00Z', false],
    ['day', '2026-03-02T03:00:00Z', true],
    ['day', '2026-03-02T01:59:30Z', true],
    ['day', '2026-03-02T05:00:00Z', false],
    ['week', '2026-03-08T03:00:00Z', true],
    ['week', '2026-03-09T03:00:00Z', false],
    ['year', '2027-03-01T03:00:00Z', true],
    ['year', '2027-03-02T03:00:00Z', false],
    ['year', '2025-03-01T03:00:00Z', false],
  ] as const)('that comes each %s holds a minute at %s: %s', (every, time, expected) => {
    expect(isFreeAt(every, time)).toBe(expected)
  })

  it('goes over the turn of the year', () => {
    const christmas = { ...entry, from: '2025-12-24T00:00:00Z', to: '2026-01-07T00:00:00Z' } as const
    const calendar = calendarOf([{ ...christmas, every: 'year' }])
    const isFreeOn = (day: string) => isFree(calendar, Date.parse(day), minuteMs)
    expect(['2026-01-03', '2026-01-08', '2027-01-03', '2026-12-30'].map(isFreeOn)).toEqual([
      true,
      false,
      true,
      true,
    ])
  })

  it('keeps alarms away, and what happens then out of what is normal', () => {
    const incident = Array.from({ length: 20 }, (_, i) => windowAt(20 + i, 500))
    const log = [...steady(20), ...incident, ...steady(5, { from: 40 }), windowAt(45, 500)]
    // The windows from 20 to 39.
    const during = { ...entry, from: '2023-11-14T22:16:40Z', to: '2023-11-14T22:20:00Z', every: undefined }
    const anomalies = detect(log, detectorSettings({ calendar: [during] }))
    expect(anomalies).toMatchObject([{ state: 'open', start: log.at(-1)!.start, expected: 101 }])
    const ofOthers = { ...during, metric: 'n' }
    expect(detect(log, detectorSettings({ calendar: [ofOthers] }))[0]).toMatchObject({
      start: incident[0]!.start,
    })
  })

  it.each([
    [{ ...entry, to: entry.from }, 'it is not after 2026-03-01T02:00:00Z, when it begins'],
    [{ ...entry, to: '2026-03-03T00:00:00Z', every: 'day' }, 'it lasts longer than a day'],
    [{ ...entry, from: 'yesterday' }, 'Invalid ISO datetime'],
  ])('refuses what is no time', (wrong, sentence) => {
    const { error } = detectorSection.schema.safeParse({ calendar: [wrong] })
    expect(error!.issues.map(({ message }) => message)).toContain(sentence)
  })
})
