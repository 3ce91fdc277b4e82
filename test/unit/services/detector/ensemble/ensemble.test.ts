import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alone, ensemble } from '../../../../../services/detector/ensemble/ensemble.ts'
import type { Verdict } from '../../../../../services/detector/series-detector.ts'
import { BadRecordError } from '../../../../../shared/errors.ts'
import { gaussian } from '../../../../support/gaussian.ts'

const stepMs = 10_000
const alarm = 1 - 1e-6

/** Verdicts on values that are a step apart. */
function judged(values: readonly number[], kind = ensemble, step = stepMs): readonly Verdict[] {
  const detector = kind.create(step)
  return values.map((value, i) => kept(detector.observe(i * step, value, false)))
}

/** The detector may give the same objects again. */
const kept = (verdict: Verdict): Verdict => ({ ...verdict, contributions: [...verdict.contributions] })

const noise = (count: number, seed = 1) => {
  const next = gaussian(seed)
  return Array.from({ length: count }, () => 100 + 5 * next())
}

describe('the ensemble', () => {
  it('is silent on noise', () => {
    const verdicts = judged(noise(20_000))
    expect(verdicts.filter(({ likelihood }) => likelihood >= alarm)).toEqual([])
  })

  it('is not sure at first', () => {
    const verdicts = judged(noise(200))
    expect(verdicts[0]!.isSure).toBe(false)
    expect(verdicts[199]!.isSure).toBe(true)
  })

  it.each([
    ['spike', (value: number) => value + 80, 1],
    ['drop', (value: number) => value - 80, 1],
    ['level-shift', (value: number) => value + 20, 8],
    ['variance', (value: number) => 100 + 5 * (value - 100), 12],
  ] as const)('tells a %s', (kind, change, within) => {
    const values = noise(2_000).map((value, i) => (i >= 1_500 ? change(value) : value))
    const found = judged(values).findIndex(({ likelihood }, i) => i >= 1_500 && likelihood >= alarm)
    expect(found - 1_500).toBeLessThan(within)
    const kinds = judged(values)
      .slice(found, 1_500 + 4 * within)
      .map((verdict) => verdict.kind)
    expect(kinds).toContain(kind)
  })

  it('tells a line that has become flat', () => {
    const values = noise(2_000).map((value, i) => (i >= 1_500 ? 101 : value))
    const verdict = judged(values).find(({ likelihood }, i) => i >= 1_500 && likelihood >= alarm)
    expect(verdict?.kind).toBe('flat-line')
  })

  it('tells a leak that no value gives away, once a season would be known', () => {
    const values = noise(6_000).map((value, i) => (i >= 5_000 ? value + 0.2 * (i - 5_000) : value))
    const alarms = judged(values, ensemble, 60_000).map(({ likelihood }) => likelihood >= alarm)
    expect(alarms.slice(0, 5_000)).not.toContain(true)
    expect(alarms.slice(5_000)).toContain(true)
  })

  it.each([
    ['a value that rises', (i: number) => 500 + 2 * i, 2],
    ['one that falls', (i: number) => 500 - 3 * i, -3],
    // Were it a counter, there would be a limit all the same.
    ['one that never falls', (i: number) => 7 * i, 7],
  ])('tells where a series is going: %s', (_, line, slope) => {
    const detector = ensemble.create(stepMs)
    for (const [i, value] of noise(1_000).entries()) {
      const reading = line(i) + (slope === 7 ? 0.5 : 1) * (value - 100)
      detector.observe(
        i * stepMs,
        slope === 7 ? Math.max(line(i) - 3, Math.min(line(i) + 3, reading)) : reading,
        false,
      )
    }
    const { level, perMs, margin, likelihood } = detector.heading!()!
    expect(Math.abs(level - line(999))).toBeLessThan(6)
    expect(Math.abs(perMs * stepMs - slope)).toBeLessThan(Math.min(0.02 * Math.abs(slope), margin * stepMs))
    expect(likelihood).toBeGreaterThan(alarm)
  })

  it('tells nothing of where noise is going', () => {
    const detector = ensemble.create(stepMs)
    for (const [i, value] of noise(5_000).entries()) {
      detector.observe(i * stepMs, value, false)
      expect(detector.heading!()?.likelihood ?? 0).toBeLessThan(alarm)
    }
  })

  it('tells silence, and only when it is longer than usual', () => {
    const detector = ensemble.create(stepMs)
    for (const [i, value] of noise(500).entries()) detector.observe(i * stepMs, value, false)
    expect(detector.silence(500 * stepMs)).toBeUndefined()
    expect(detector.silence(503 * stepMs)).toMatchObject({ kind: 'missing', isSure: true })
    expect(detector.silence(503 * stepMs)!.likelihood).toBeGreaterThan(alarm)
  })

  it('takes the reset of a counter for none', () => {
    let reading = 1_000
    const values = noise(3_000).map((value, i) => {
      reading = i % 700 === 699 ? value : reading + value
      return reading
    })
    expect(judged(values).filter(({ likelihood }) => likelihood >= alarm)).toEqual([])
  })

  it('judges what is excluded, and does not learn it', () => {
    const values = noise(1_000)
    const [one, other] = [ensemble.create(stepMs), ensemble.create(stepMs)]
    for (const [i, value] of values.entries()) {
      one.observe(i * stepMs, value, false)
      other.observe(i * stepMs, value, false)
    }
    expect(one.observe(1_000 * stepMs, 400, true).likelihood).toBeGreaterThan(alarm)
    other.observe(1_000 * stepMs, Number.NaN, false)
    expect(kept(one.observe(1_001 * stepMs, 101, false))).toEqual(
      kept(other.observe(1_001 * stepMs, 101, false)),
    )
  })

  it('says the same after its state was stored and read', () => {
    fc.assert(
      fc.property(anyValues, fc.nat(400), (values, at) => {
        const whole = judged(values)
        let detector = ensemble.create(stepMs)
        for (const [i, value] of values.entries()) {
          // As clients of Kafka hand it over: a view of a larger buffer.
          if (i === at)
            detector = ensemble.decode(Buffer.concat([Buffer.from('x'), detector.encode()]).subarray(1))
          expect(kept(detector.observe(i * stepMs, value, false))).toEqual(whole[i])
        }
      }),
      { numRuns: 30 },
    )
  })

  it('answers any values with figures', () => {
    for (const kind of [ensemble, ...alone])
      fc.assert(
        fc.property(anyValues, (values) => {
          const verdicts = judged(values, kind)
          const areFigures = verdicts.every(
            ({ score, likelihood, surprise, contributions }) =>
              score >= 0 &&
              score < Infinity &&
              likelihood >= 0 &&
              likelihood <= 1 &&
              Number.isFinite(surprise) &&
              contributions.every((share) => share >= 0 && share <= 1),
          )
          expect(areFigures).toBe(true)
          // The first 32 give the unit.
          const known = verdicts.filter((_, i) => Number.isFinite(values[i])).slice(32)
          for (const { expected, lower, upper } of known)
            expect([expected, lower, upper].every(Number.isFinite)).toBe(true)
        }),
        { numRuns: 20, examples: [[hugeCounter]] },
      )
  })

  it('refuses bytes that are no state', () => {
    expect(() => ensemble.decode(new Uint8Array(7))).toThrow(BadRecordError)
    const bytes = ensemble.create().encode()
    bytes[0] = 99
    expect(() => ensemble.decode(bytes)).toThrow(/version 99/)
  })

  it('keeps less than 4 KB for a series, and a third less once its first values are known', () => {
    const detector = ensemble.create(stepMs)
    const first = detector.encode().length
    for (const [i, value] of noise(256).entries()) detector.observe(i * stepMs, value, false)
    expect(first).toBeLessThanOrEqual(4_096)
    expect(detector.encode().length).toBeLessThan((2 / 3) * first)
  })

  it('watches series in turn as it would each alone', () => {
    const [one, other] = [noise(600, 1), noise(600, 2)]
    const alone = judged(one)
    const [first, second] = [ensemble.create(stepMs), ensemble.create(stepMs)]
    for (const [i, value] of one.entries()) {
      expect(kept(first.observe(i * stepMs, value, false))).toEqual(alone[i])
      second.observe(i * stepMs, other[i]!, false)
      second.silence(i * stepMs + 5 * stepMs)
    }
  })
})

/** What it reads is near the largest number, and what it gains is added to that. */
const hugeCounter = Array.from({ length: 400 }, (_, i) => [0, 1, 5, 1.7e308][i % 4]!)

const anyValues = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.double({ min: 0, max: 10, noNaN: true }) },
      { weight: 2, arbitrary: fc.constantFrom(0, 1, 5, -0) },
      { weight: 1, arbitrary: fc.double() },
      { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324) },
    ),
    { minLength: 1, maxLength: 120 },
  )
  // Long enough for all models to be warm.
  .map((values) => Array.from({ length: 400 }, (_, i) => values[i % values.length]!))
