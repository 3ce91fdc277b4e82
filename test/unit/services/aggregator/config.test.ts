import { describe, expect, it } from 'vitest'
import { aggregatorSection } from '../../../../services/aggregator/config.ts'
import { loadConfig } from '../../../../shared/config/load.ts'
import { ConfigurationError } from '../../../../shared/errors.ts'
import { temporaryDirectory } from '../../config/temporary-directory.ts'

const load = (yaml: string) =>
  loadConfig(
    { aggregator: aggregatorSection },
    {
      cwd: temporaryDirectory({ 'tidemark.yaml': `aggregator:\n  ${yaml}\n` }),
      env: {},
    },
  ).aggregator

const ratio = '{ name: r, numerator: { metric: a }, denominator: { metric: b } }'

describe('the configuration of windows', () => {
  it.each([
    [
      'sizesMs: [10000, 25000]',
      'aggregator.sizesMs.1',
      '25000 is not a multiple of the size before it, 10000',
    ],
    [
      'sizesMs: [60000, 10000]',
      'aggregator.sizesMs.1',
      '10000 is not a multiple of the size before it, 60000',
    ],
    [
      'sizesMs: [10000, 10000]',
      'aggregator.sizesMs.1',
      '10000 is not a multiple of the size before it, 10000',
    ],
    ['sizesMs: [10000, 90000000]', 'aggregator.sizesMs.1', '86400000'],
    ['sizesMs: [10]', 'aggregator.sizesMs.0', '1000'],
    ['sizesMs: []', 'aggregator.sizesMs', '1'],
    [
      'sliding: [{ sizeMs: 100000, stepMs: 30000 }]',
      'aggregator.sliding.0',
      'the size 100000 must be a multiple of the step 30000, twice or more',
    ],
    [
      'sliding: [{ sizeMs: 30000, stepMs: 30000 }]',
      'aggregator.sliding.0',
      'the size 30000 must be a multiple of the step 30000, twice or more',
    ],
    [
      'sliding: [{ sizeMs: 3600000, stepMs: 10000 }]',
      'aggregator.sliding.0',
      '360 windows would overlap at a time: at most 60 may',
    ],
    [
      'sliding: [{ sizeMs: 45000, stepMs: 15000 }]',
      'aggregator.sliding.0',
      'the step 15000 is no multiple of any of sizesMs',
    ],
    [
      'sliding: [{ sizeMs: 60000, stepMs: 30000 }, { sizeMs: 60000, stepMs: 30000 }]',
      'aggregator.sliding',
      'the same window is there twice',
    ],
    [
      'rollUps: [{ metric: m, by: [a] }, { metric: m, by: [a], where: { b: x } }]',
      'aggregator.rollUps.1',
      'it writes m.by_a, as rollUps.0 does: give one of them another name',
    ],
    [
      `ratios: [${ratio}, ${ratio}]`,
      'aggregator.ratios.1',
      'it writes r, as ratios.0 does: give one of them another name',
    ],
    [
      `ratios: [${ratio}]\n  apdexes: [{ name: r, metric: m, threshold: 1 }]`,
      'aggregator.apdexes.0',
      'it writes r, as ratios.0 does',
    ],
    [
      `rollUps: [{ metric: m, name: r }]\n  ratios: [${ratio}]`,
      'aggregator.ratios.0',
      'it writes r, as rollUps.0 does',
    ],
    ['apdexes: [{ name: r, metric: m, threshold: 0 }]', 'aggregator.apdexes.0.threshold', '0'],
    [
      'ratios: [{ name: r, numerator: { metric: a, figure: median }, denominator: { metric: b } }]',
      'aggregator.ratios.0.numerator.figure',
      'mean',
    ],
    ['rollUps: [{ metric: m, tags: [a] }]', 'aggregator.rollUps.0', 'tags'],
  ])('%s is told as a mistake', (yaml, place, sentence) => {
    let message = ''
    try {
      load(yaml)
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError)
      message = (error as Error).message
    }
    expect(message).toContain('tidemark.yaml:')
    expect(message).toContain(place)
    expect(message).toContain(sentence)
  })

  it('may have all kinds of windows and rules at once', () => {
    const config = load(
      [
        'sizesMs: [10000, 60000, 3600000]',
        'sliding: [{ sizeMs: 300000, stepMs: 60000 }, { sizeMs: 600000, stepMs: 10000 }]',
        'rollUps: [{ metric: http.latency, by: [service, route] }, { metric: http.latency, by: [service] }]',
        `ratios: [${ratio}]`,
        'apdexes: [{ name: apdex, metric: http.latency, threshold: 300, by: [service] }]',
      ].join('\n  '),
    )
    expect(config.rollUps[1]).toEqual({ metric: 'http.latency', by: ['service'], where: {} })
    expect(config.ratios[0]!.numerator).toEqual({ metric: 'a', where: {} })
  })
})
