import { describe, expect, it } from 'vitest'
import { profileNames, scoreCorpus } from '../../../../bench/nab/scoring.ts'

/** A file of so many rows, of which these have a score. */
const scoresOf = (rows: number, scores: Readonly<Record<number, number>>) =>
  Array.from({ length: rows }, (_, row) => scores[row] ?? 0)

const files = [
  {
    rows: 100,
    windows: [
      { first: 30, last: 39 },
      { first: 70, last: 79 },
    ],
  },
  { rows: 100, windows: [{ first: 70, last: 79 }] },
]
const scores = [scoresOf(100, { 5: 9, 20: 2, 32: 3, 38: 5, 42: 4, 95: 1 }), scoresOf(100, { 60: 2, 75: 1 })]

describe('the score of a corpus', () => {
  // Reckoned by an independent implementation of the published rules.
  it.each([
    ['standard', 57.198],
    ['reward_low_FP_rate', 50.448],
    ['reward_low_FN_rate', 60.354],
  ] as const)('is that of the published rules: %s', (profile, score) => {
    const result = scoreCorpus(files, scores, profile, 1)
    expect(result.score).toBeCloseTo(score, 3)
    expect(result.files).toMatchObject([
      { found: 1, missed: 1, falseAlarms: 3 },
      { found: 1, missed: 0, falseAlarms: 1 },
    ])
    expect(scoreCorpus(files, scores, profile)).toEqual(result)
  })

  it.each(profileNames)('is 0 without an alarm, and 100 with one where each window begins: %s', (profile) => {
    const never = scoreCorpus(
      files,
      files.map(({ rows }) => scoresOf(rows, {})),
      profile,
      1,
    )
    expect(never.score).toBe(0)
    const perfect = files.map(({ rows, windows }) =>
      scoresOf(rows, Object.fromEntries(windows.map(({ first }) => [first, 1]))),
    )
    expect(scoreCorpus(files, perfect, profile).score).toBeCloseTo(100, 9)
  })

  it('never alarms at the best threshold when each alarm would cost', () => {
    const result = scoreCorpus([{ rows: 100, windows: [] }], [scoresOf(100, { 50: 7 })], 'standard')
    expect(result.threshold).toBe(Number.POSITIVE_INFINITY)
    expect(result.files).toEqual([{ raw: 0, found: 0, missed: 0, falseAlarms: 0 }])
  })

  it('counts no row of the probationary period, which ends at 15 % or at 750 rows', () => {
    const alarms = (rows: number, row: number) =>
      scoreCorpus([{ rows, windows: [] }], [scoresOf(rows, { [row]: 1 })], 'standard', 1).files[0]!
        .falseAlarms
    expect([alarms(100, 14), alarms(100, 15)]).toEqual([0, 1])
    expect([alarms(10_000, 749), alarms(10_000, 750)]).toEqual([0, 1])
  })
})
