import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { grokPatterns } from '../../../../../services/normalizer/rules/grok-patterns.ts'
import { normalize } from '../../../../support/normalize.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/rules.md'), 'utf8')

/** Each example is a block of YAML and a table right behind it. */
const examples = [...page.matchAll(/```yaml\n(.*?)```\n\n\|[^\n]*\|\n\|---\|---\|\n((?:\|[^\n]*\n)+)/gs)].map(
  ([, yaml = '', table = '']) => ({
    settings: normalizerSection.schema.parse((parse(yaml) as { normalizer: object }).normalizer),
    rows: table
      .trim()
      .split('\n')
      .map((row) => row.slice(2, -2).split(' | ') as [given: string, becomes: string]),
  }),
)
const [points, logs, logPoints] = examples

/** What stands between backticks. */
const quoted = (text: string) => /`(.*?)`/.exec(text)?.[1] ?? ''

/** A level and a message, as an ECS event. */
const eventOf = (given: string) =>
  JSON.stringify({
    '@timestamp': '2023-11-14T22:13:20Z',
    log: { level: given.split(':')[0] },
    message: quoted(given),
  })

describe('the examples in docs/rules.md', () => {
  it('are all here', () => expect(examples).toHaveLength(3))

  it.each(points!.rows)('%s', (given, becomes) => {
    const { points: made, out } = normalize([quoted(given)], { settings: points!.settings })
    const reasons = out.rejected.map(({ reason }) => `refused: \`${reason}\``)
    const lines = made.map(([series, , value]) => `\`${series} ${value}\``)
    expect([...lines, ...reasons].join() || 'nothing').toBe(becomes)
  })

  it.each(logs!.rows)('%s', (given, becomes) => {
    const made = normalize([eventOf(given)], { settings: logs!.settings }).logs.map(
      ({ message, attributes: { 'log.level': _, ...attributes } }) => {
        const fields = Object.entries(attributes).map(([key, value]) => `${key}=${value}`)
        return `\`${message}\`${fields.length > 0 ? ` with ${fields.join(' ')}` : ''}`
      },
    )
    expect(made.join() || 'nothing').toBe(becomes)
  })

  it.each(logPoints!.rows)('%s', (given, becomes) => {
    const { points: made } = normalize([eventOf(given)], { settings: logPoints!.settings })
    expect(made.map(([series, , value]) => `\`${series} ${value}\``).join()).toBe(becomes)
  })

  it('can all be configured', () => {
    const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, yaml = '']) => parse(yaml) as { normalizer: object },
    )
    expect(blocks).toHaveLength(4)
    for (const { normalizer } of blocks)
      expect(normalizerSection.schema.safeParse(normalizer).error).toBeUndefined()
  })

  it('name every grok pattern', () => {
    const last = page.trim().split('\n\n').at(-1)!
    expect([...last.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(Object.keys(grokPatterns))
  })
})
