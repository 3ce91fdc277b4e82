import { describe, expect, it } from 'vitest'
import { recordOf } from '../../../../../cli/deadletter/choose.ts'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { loadConfig } from '../../../../../shared/config/load.ts'
import { letterOf } from '../../../../../shared/stream/dead-letter.ts'
import { normalize } from '../../../../support/normalize.ts'
import { record } from '../../../../support/task-context.ts'

const hashKey = 'a key of this test alone'

/** As the configuration reads them, with their defaults. */
const settingsOf = (pointRules: readonly object[]) => normalizerSection.schema.parse({ pointRules, hashKey })

const run = (lines: string, ...rules: readonly object[]) =>
  normalize([lines], { settings: settingsOf(rules) })

const pointsBy = (lines: string, ...rules: readonly object[]) =>
  run(lines, ...rules).points.map(([series, , value]) => `${series} ${value}`)

describe('rules for points', () => {
  const lines = 'cpu,host=web-1,env=test user=1,idle=99\nmem,host=db-1 used=5'

  it.each<[string, readonly object[], readonly string[]]>([
    ['drop by name', [{ metric: 'cpu.*', drop: true }], ['mem.used,host=db-1 5']],
    ['drop by tag', [{ where: { host: 'web-*' }, drop: true }], ['mem.used,host=db-1 5']],
    [
      'drop what has not the tag: nothing',
      [{ where: { rack: '*' }, drop: true }],
      ['cpu.user,env=test,host=web-1 1', 'cpu.idle,env=test,host=web-1 99', 'mem.used,host=db-1 5'],
    ],
    [
      'keep only these',
      [
        { metric: 'mem.*', keep: true },
        { metric: '*.idle', keep: true },
      ],
      ['cpu.idle,env=test,host=web-1 99', 'mem.used,host=db-1 5'],
    ],
    [
      'drop some of what is kept',
      [
        { metric: 'cpu.*', keep: true },
        { metric: '*.idle', drop: true },
      ],
      ['cpu.user,env=test,host=web-1 1'],
    ],
    [
      'rename, and later rules see the new name',
      [
        { metric: 'cpu.*', rename: 'system.cpu.*' },
        { metric: 'cpu.*', drop: true },
        { metric: 'system.cpu.idle', drop: true },
        { metric: 'mem.*', drop: true },
      ],
      ['system.cpu.user,env=test,host=web-1 1'],
    ],
    [
      'tags: remove, rename, add',
      [
        { metric: 'mem.*', drop: true },
        { metric: '*.idle', drop: true },
        { removeTags: ['e*'], renameTags: { host: 'host.name' }, addTags: { site: 'a', env: 'b' } },
      ],
      ['cpu.user,env=b,host.name=web-1,site=a 1'],
    ],
    [
      'a renamed tag takes the place of another',
      [{ metric: 'mem.*', drop: true }, { renameTags: { host: 'env' } }],
      ['cpu.user,env=web-1 1', 'cpu.idle,env=web-1 99'],
    ],
    [
      'range',
      [{ metric: '*', range: { max: 50 } }],
      ['cpu.user,env=test,host=web-1 1', 'mem.used,host=db-1 5'],
    ],
  ])('%s', (_, rules, expected) => {
    expect(pointsBy(lines, ...rules)).toEqual(expected)
  })

  it('makes one series of those that differ in a removed tag alone', () => {
    const { series, points } = run('m,pod=a v=1\nm,pod=b v=2', { removeTags: ['pod'] })
    expect(series).toHaveLength(1)
    expect(points.map(([, , value]) => value)).toEqual([1, 2])
  })

  it('hashes a tag the same way each time, by the key', () => {
    const [first, second] = pointsBy('m,user=ann v=1\nm,user=ann v=2', { hashTags: ['user'] })
    expect(first).toMatch(/^m.v,user=[\da-f]{16} 1$/)
    expect(second!.slice(0, -2)).toBe(first!.slice(0, -2))
    const other = normalize(['m,user=ann v=1'], {
      settings: normalizerSection.schema.parse({
        pointRules: [{ hashTags: ['user'] }],
        hashKey: 'some other key of a test',
      }),
    })
    expect(other.points[0]![0]).not.toBe(first!.slice(0, -2))
  })

  it('refuses values out of range, and only these, with the reason', () => {
    const { out, points } = run('m a=5,b=500\nm a=-1', { metric: 'm.*', range: { min: 0, max: 100 } })
    expect(points).toHaveLength(1)
    expect(out.rejected).toMatchObject([
      {
        reason: 'out_of_range',
        detail: '500 of “m.b” is not between 0 and 100, as normalizer.pointRules has it (and 1 more)',
      },
    ])
  })

  it.each([
    ['line protocol', 'm a=5,b=500,c=6\nm a=700\nm a=8'],
    [
      'Telegraf JSON',
      JSON.stringify({
        metrics: [{ a: 5, b: 500, c: 6 }, { a: 700 }, { a: 8 }].map((fields) => ({ name: 'm', fields })),
      }),
    ],
    ['StatsD', 'm.a:5:500:6|ms\nm.a:700|ms\nm.a:8|ms'],
  ])('takes just such values when their dead letter is sent again: %s', (_, text) => {
    const { out, points } = run(text, { metric: 'm.*', range: { max: 100 } })
    expect(points.map(([, , value]) => value)).toEqual([5, 6, 8])
    const { detail, refusals: parts } = out.rejected[0]!
    const refused = { stage: 'normalizer', reason: 'out_of_range', detail, parts } as const
    const letter = letterOf(record(1, Buffer.from(text), { topic: 'raw' }), refused)
    const place = { topic: 'telemetry.deadletter', partition: 0, offset: 1, timestamp: 1_700_000_000_000 }
    const { headers = {} } = recordOf(letter, place, 1)
    expect(headers['tidemark-positions']?.toString()).toBe('0.1,1.0')
    expect(normalize([text], { headers }).points.map(([, , value]) => value)).toEqual([500, 700])
    // The rule as it was refuses them again, and nothing is taken.
    const again = normalize([text], {
      headers,
      settings: settingsOf([{ metric: 'm.*', range: { max: 600 } }]),
    })
    expect(again.points.map(([, , value]) => value)).toEqual([500])
    expect(again.out.rejected[0]!.refusals).toMatchObject([{ position: 1, value: 0 }])
  })

  it('refuses a series whose name no longer fits', () => {
    const settings = { ...settingsOf([{ rename: 'a.much.longer.name.*' }]), maxNameBytes: 16 }
    expect(normalize(['m v=1'], { settings }).out.rejected).toMatchObject([{ reason: 'name_too_long' }])
  })
})

describe('mistakes in rules for points', () => {
  it.each<[string, object, string]>([
    ['nothing to do', { metric: 'a' }, 'the rule does nothing'],
    ['drop and more', { drop: true, addTags: { a: 'b' } }, 'can do nothing else'],
    ['stars', { metric: 'a', rename: 'b.*' }, 'rename has more * than metric'],
    ['no range', { range: {} }, 'a range has a min, a max'],
    ['a range of nothing', { range: { min: 2, max: 1 } }, 'a range has a min, a max'],
    ['no key', { hashTags: ['user'] }, 'normalizer.hashKey must be given'],
  ])('%s', (_, rule, sentence) => {
    const env = { TIDEMARK_NORMALIZER_POINT_RULES: JSON.stringify([rule]) }
    expect(() => loadConfig({ normalizer: normalizerSection }, { env, cwd: '/nowhere' })).toThrow(sentence)
  })
})
