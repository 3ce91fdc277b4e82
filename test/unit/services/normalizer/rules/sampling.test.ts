import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { NormalizerTask } from '../../../../../services/normalizer/normalizer-task.ts'
import { Budgets } from '../../../../../services/normalizer/rules/budgets.ts'
import { normalize, now, pointsOf } from '../../../../support/normalize.ts'
import { RecordingOutput } from '../../../../support/recording-output.ts'
import { record, taskContext, topics } from '../../../../support/task-context.ts'

const settingsOf = (...logRules: readonly object[]) => normalizerSection.schema.parse({ logRules })

const events = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({ '@timestamp': '2023-11-14T22:13:20Z', message: `event ${i}`, ...more }),
  )

describe('sampling by a ratio', () => {
  const run = (...rules: readonly object[]) =>
    normalize(events(4_000), { settings: settingsOf(...rules) }).logs

  it('keeps that share, and says which it is', () => {
    const logs = run({ sample: { ratio: 0.1 } })
    expect(Math.abs(logs.length - 400)).toBeLessThan(80)
    expect(logs[0]!.attributes['tidemark.sample_ratio']).toBe('0.1')
  })

  it('keeps the same at every replay', () => {
    expect(run({ sample: { ratio: 0.1 } })).toEqual(run({ sample: { ratio: 0.1 } }))
  })

  it('keeps a share of a share by two rules', () => {
    const logs = run({ sample: { ratio: 0.5 } }, { sample: { ratio: 0.5 } })
    expect(Math.abs(logs.length - 1_000)).toBeLessThan(120)
    expect(logs[0]!.attributes['tidemark.sample_ratio']).toBe('0.25')
  })
})

/** `count` draws a second, evenly spread, of one group; how many are kept each second. */
function keptBySecond(budgets: Budgets, counts: readonly number[], group = ''): readonly number[] {
  return counts.map((count, second) => {
    const draws = Array.from({ length: count }, (_, i) => ((i * 7_919) % count) / count)
    const shares = draws.map((draw) => budgets.take({ rule: 0, perSecond: 100 }, group, second * 1_000, draw))
    return shares.filter((share) => share !== undefined).length
  })
}

describe('sampling to a budget', () => {
  it('keeps all below it, and never more than it', () => {
    expect(keptBySecond(new Budgets(), [50, 100, 1_000, 1_000, 2_000, 50, 0, 80])).toEqual([
      50, 100, 100, 100, 100, 3, 0, 80,
    ])
  })

  it('says which share is kept', () => {
    const budgets = new Budgets()
    keptBySecond(budgets, [1_000])
    expect(budgets.take({ rule: 0, perSecond: 100 }, '', 1_000, 0)).toBe(0.1)
  })

  it('gives each service a budget of its own', () => {
    const values = [
      ...events(50, { service: { name: 'loud' } }),
      ...events(3, { service: { name: 'quiet' } }),
    ]
    const { logs } = normalize(values, { settings: settingsOf({ sample: { perSecond: 5, by: 'service' } }) })
    expect(Map.groupBy(logs, ({ service }) => service).get('loud')).toHaveLength(5)
    expect(Map.groupBy(logs, ({ service }) => service).get('quiet')).toHaveLength(3)
  })

  it('has a memo of limited length however many groups there are', () => {
    const budgets = new Budgets()
    for (let i = 0; i < 5_000; i++)
      budgets.take({ rule: 999, perSecond: 1_000_000 }, `service ${i}`, 4e12 + (i > 2_500 ? 1_000 : 0), 0)
    expect(budgets.memo.length).toBeLessThan(750)
    expect(new Budgets(budgets.memo).memo).toBe(budgets.memo)
  })

  it.each(['1,a', '1,a.1.1.1', '1,a.1.1.1.-', '!'])('refuses the damaged memo %s', (memo) => {
    expect(() => new Budgets(memo)).toThrow(RangeError)
  })
})

describe('rules and restarts', () => {
  const settings = settingsOf(
    { points: [{ metric: 'events', tags: ['level'] }] },
    { sample: { perSecond: 3, by: 'level' } },
  )
  const context = taskContext({ topic: 'raw', now })
  const text = { 'content-type': Buffer.from('text/plain') }

  // Its events wait for no line, so they are read again while lines before them wait.
  const json = '{"@timestamp":"2023-11-14T22:13:20Z","message":"oh","log":{"level":"error"}}'
  const line = fc.constantFrom('22:13:20 ERROR oh', '\tat a.B.c(B.java:1)', 'INFO fine', 'WARN hm', json)
  const log = fc.array(fc.record({ line, afterMs: fc.constantFrom(0, 100, 700, 3_000) }), { maxLength: 40 })

  it('keep and count the same events, wherever the task is made anew', () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(39), { maxLength: 4 }), (lines, crashes) => {
        let timestamp = now - 200_000
        const records = lines.map((one, offset) => {
          timestamp += one.afterMs
          const isText = one.line !== json
          const at = { topic: 'raw', timestamp, headers: isText ? text : {} }
          return record(offset, Buffer.from(isText ? `2023-11-14 ${one.line}` : json), at)
        })
        const undisturbed = resultOf(records, [])
        expect(resultOf(records, crashes)).toEqual(undisturbed)
      }),
      { examples: [[['22:13:20 ERROR oh', json, json, json].map((line) => ({ line, afterMs: 0 })), [2]]] },
    )
  })

  /** All that is emitted when the task is made anew after each of these records. */
  function resultOf(records: Parameters<NormalizerTask['process']>[0], restarts: readonly number[]) {
    const out = new RecordingOutput()
    let task = new NormalizerTask(settings, topics, context)
    for (const one of records) {
      task.process([one], out)
      task.beforeCommit(out)
      if (!restarts.includes(one.offset)) continue
      const { offset, memo } = task.resumePoint()!
      task = new NormalizerTask(settings, topics, context, memo)
      const again = records.slice(offset, one.offset + 1)
      if (again.length > 0) task.process(again, nowhere)
    }
    return {
      logs: out.of(topics.logs).flatMap(({ logs }) => logs),
      points: out.of(topics.points).flatMap(pointsOf),
    }
  }
})

const nowhere = { isDiscarded: true, send: () => undefined, keep: () => undefined, reject: () => undefined }
