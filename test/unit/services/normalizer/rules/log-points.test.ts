import { describe, expect, it } from 'vitest'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { normalize } from '../../../../support/normalize.ts'

const event = (message: string, more: object = {}) =>
  JSON.stringify({ '@timestamp': '2023-11-14T22:13:19Z', message, service: { name: 'shop' }, ...more })

function run(values: readonly string[], logRules: readonly object[], more: object = {}) {
  const { points, series, logs } = normalize(values, {
    settings: normalizerSection.schema.parse({ logRules, ...more }),
  })
  return { points: points.map(([key, time, value]) => `${key} ${value} ${time}`), series, logs }
}

const took = {
  extract: { pattern: 'took %{NOTSPACE:took}' },
  points: [{ metric: 'took', value: 'took', tags: ['service', 'zone'], unit: 'ms' }],
}

describe('points of log events', () => {
  it('are what was extracted, at the time of the event, with tags of it', () => {
    const { points, series, logs } = run([event('took 12.5', { zone: 'b' }), event('took -3e2')], [took])
    expect(points).toEqual([
      'took,service=shop,zone=b 12.5 1699999999000',
      'took,service=shop -300 1699999999000',
    ])
    expect(series[0]).toMatchObject({ kind: 'distribution', unit: 'ms' })
    expect(logs).toHaveLength(2)
  })

  it.each(['took long', 'took 0x1f', 'took Infinity', 'took ,', 'nothing'])(
    'are not made of “%s”',
    (message) => {
      expect(run([event(message)], [took])).toMatchObject({ points: [], logs: [{ message }] })
    },
  )

  it('count events that have no number', () => {
    const { points, series } = run(
      [event('a', { log: { level: 'error' } }), event('b')],
      [{ level: ['error'], points: [{ metric: 'errors', tags: ['service', 'level'] }] }],
    )
    expect(points).toEqual(['errors,level=error,service=shop 1 1699999999000'])
    expect(series[0]!.kind).toBe('delta')
  })

  it('are members of a set, whatever the text is, and not where there is none', () => {
    const rules = [{ points: [{ metric: 'users', value: 'user.name', kind: 'set', tags: [] }] }]
    const texts = ['alice', '7', 'alice', '']
    const { points, series } = run(
      texts.map((user) => event('x', { 'user.name': user })),
      rules,
    )
    // That of alice is the same as in StatsD.
    expect(points.map((point) => point.split(' ')[1])).toEqual([
      '277187549804770',
      expect.stringMatching(/^\d+$/),
      '277187549804770',
    ])
    expect(series).toMatchObject([{ metric: 'users', kind: 'set' }])
  })

  it('of a set need a field to count', () => {
    const logRules = [{ points: [{ metric: 'users', kind: 'set' }] }]
    expect(normalizerSection.schema.safeParse({ logRules }).error?.issues[0]?.message).toBe(
      'a set needs a field whose values it counts: name it in value',
    )
  })

  it('stay when a later rule drops the event', () => {
    const { points, logs } = run([event('took 5')], [took, { drop: true }])
    expect(points).toEqual(['took,service=shop 5 1699999999000'])
    expect(logs).toEqual([])
  })

  it('are under the rules for points', () => {
    const pointRules = [{ range: { max: 10 } }, { metric: 'took', rename: 'request.took' }]
    expect(run([event('took 5'), event('took 50')], [took], { pointRules }).points).toEqual([
      'request.took,service=shop 5 1699999999000',
    ])
  })
})
