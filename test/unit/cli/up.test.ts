import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../../cli/commands/up.ts'
import { sumOf } from '../../../cli/up/scrape.ts'
import { renderSummary, short } from '../../../cli/up/summary.ts'
import { ConfigurationError } from '../../../shared/errors.ts'

describe('--for', () => {
  it.each([
    ['60s', 60_000],
    ['90', 90_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
  ])('%s', (text, ms) => expect(parseDuration(text)).toBe(ms))
  it.each(['', 'soon', '-5s', '0', '5d'])('refuses “%s”', (text) =>
    expect(() => parseDuration(text)).toThrow(ConfigurationError),
  )
})

describe('the summary', () => {
  it.each([
    [0, '0.00'],
    [1.234, '1.23'],
    [-12_345, '-12.3k'],
    [9_999, '9999.00'],
    [2_500_000, '2.50M'],
    [3e9, '3.00G'],
    [4.2e12, '4.20T'],
    [0.00123, '1.2e-3'],
    [1e18, '1.00e+18'],
  ])('shortens %s to %s', (value, text) => expect(short(value)).toBe(text))

  it('adds up the samples of one metric, and not of those whose names begin alike', () => {
    expect(
      sumOf('# HELP a_total x\na_total{b="1"} 2\na_total{b="2"} 3.5\na_total_more 9\na 1\n', 'a_total'),
    ).toBe(5.5)
  })

  it('keeps to the width of the terminal', () => {
    const sample = {
      name: 'normalizer',
      ready: false,
      reason: 'Kafka can’t be used: '.repeat(10),
      recordsIn: 20,
      recordsOut: 5,
      rejected: 0,
      lag: 3,
      at: 2_000,
    }
    const text = renderSummary(
      {
        seconds: 5,
        samples: [{ name: 'normalizer', now: sample, before: { ...sample, recordsIn: 10, at: 1_000 } }],
        windows: [],
        windowCount: 0,
        anomalies: [],
        anomalyCount: 0,
        notes: ['x'.repeat(300)],
        places: { Kafka: 'y'.repeat(300) },
      },
      80,
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
    for (const line of text.replace(/\u001b\[\d+m/g, '').split('\n'))
      expect(line.length).toBeLessThanOrEqual(80)
    expect(text).toMatch(/normalizer\s+10\.0/)
  })
})
