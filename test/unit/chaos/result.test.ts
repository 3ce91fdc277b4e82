import { describe, expect, it } from 'vitest'
import { Findings } from '../../chaos/accounting/findings.ts'
import { type ChaosResult, figuresOf, isClean, tableOf } from '../../chaos/result.ts'

function resultOf(...findings: readonly Findings[]): ChaosResult {
  return {
    seed: 42,
    seconds: 61,
    points: 1_200,
    logs: 300,
    faults: { 'kill worker': 2, 'restart broker': 1 },
    pairs: 1,
    findings,
    late: 0,
    deadLetters: 0,
    crashes: [],
    undrained: [],
  }
}

describe('a result', () => {
  it('adds up what the places lack', () => {
    const windows = new Findings('windows topic, 2 s')
    windows.lose(3, 'a window')
    const logs = new Findings('Elasticsearch, logs')
    logs.double(1, 'event 5')
    logs.differ('event 6')
    const result = resultOf(windows, logs)
    expect(isClean(result)).toBe(false)
    expect(figuresOf(result)).toMatchObject({
      published: 1_500,
      lost: 3,
      doubled: 1,
      wrong: 1,
      faults: { 'kill worker': 2, 'restart broker': 1 },
      seed: 42,
      places: { 'windows topic, 2 s': { checked: 0, lost: 3, doubled: 0, wrong: 0 } },
    })
    expect(tableOf(result)).toContain('windows topic, 2 s: lost: a window')
  })

  it('is clean only when it was read to its end and refused nothing', () => {
    expect(isClean(resultOf(new Findings('one')))).toBe(true)
    expect(isClean({ ...resultOf(), undrained: ['normalizer raw/0: at 1 of 2'] })).toBe(false)
    expect(isClean({ ...resultOf(), late: 1 })).toBe(false)
    expect(isClean({ ...resultOf(), deadLetters: 1 })).toBe(false)
  })

  it('is not clean when a worker has crashed, though nothing was lost', () => {
    const crashed = { ...resultOf(), crashes: ['aggregator-1 exited with status 1'] }
    expect(isClean(crashed)).toBe(false)
    expect(tableOf(crashed)).toContain('Everything is accounted for, but workers have crashed.')
    expect(tableOf({ ...crashed, late: 1 })).toContain('NOT everything is accounted for.')
  })

  it('is a table for people', () => {
    const windows = new Findings('windows')
    windows.checked = 12_345
    expect(
      tableOf(resultOf(windows)),
    ).toBe(`1,200 points and 300 log events in 61 s, 3 faults (two at once 1 times), seed 42
  kill worker 2, restart broker 1

  place     checked   lost   doubled   wrong
  windows    12,345      0         0       0

Everything is accounted for.
`)
  })
})
