import { expect, it } from 'vitest'
import { sentenceOf } from '../../../../../services/detector/episodes/sentence.ts'
import type { Episode, Meeting } from '../../../../../shared/avro/types.ts'

const start = Date.parse('2026-03-01T03:12:10Z')
const hour = 3_600_000

const episode: Episode = {
  ...{ start, last: start, windows: 1, isSilent: false, closedAt: null, meeting: null },
  peak: {
    ...{ time: start, value: 12.4e9, score: 0, likelihood: 1, surprise: 40 },
    ...{ expected: 12.3e9, lower: 9.99e8, upper: 13e9, kind: 'trend', shares: [] },
  },
}
const sentence = (unit: string, meeting: Meeting | null) =>
  sentenceOf({
    series: { metric: 'redis.memory.used', tags: [], kind: 'gauge', unit },
    ...{ statistic: 'mean', sizeMs: 10_000, episode, state: 'open', severity: 'critical' },
    ...{ meeting, time: start, deploy: null },
  })

it.each([
  [
    { limit: 16e9, at: start + 3.2 * hour, earliest: start + 80 * 60_000, latest: start + 50 * hour },
    'in 3 h (80 min to 2 days), at 2026-03-01 06:24:10',
  ],
  [
    { limit: 16e9, at: start + 90_000, earliest: start + 60_000, latest: 8.64e15 },
    'in 90 s (60 s to years), at 2026-03-01 03:13:40',
  ],
])('tells of a limit ahead, in bytes: %#', (meeting, when) => {
  expect(sentence('By', meeting)).toBe(
    `redis.memory.used: mean keeps drifting and is at 12.4 GB; at this rate it meets its limit of 16 GB ${when} (critical, since 2026-03-01 03:12:10)`,
  )
})

it('tells numbers of other units as they are', () => {
  expect(sentence('ms', null)).toContain('is at 1.24e+10 (critical')
})
