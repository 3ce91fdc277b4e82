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
const [points, logs] = examples

/** What stands between backticks. */
const quoted = (text: string) => /`(.*?)`/.exec(text)?.[1] ?? ''

describe('the examples in docs/rules.md', () => {
  it('are all here', () => expect(examples).toHaveLength(2))

  it.each(points!.rows)('%s', (given, becomes) => {
    const { points: made, out } = normalize([quoted(given)], { settings: points!.settings })
    const reasons = out.rejected.map(({ reason }) => `refused: \`${reason}\``)
    const lines = made.map(([series, , value]) => `\`${series} ${value}\``)
    expect([...lines, ...reasons].join() || 'nothing').toBe(becomes)
  })

  it.each(logs!.rows)('%s', (given, becomes) => {
    const event = {
      '@timestamp': '2023-11-14T22:13:20Z',
      log: { level: given.split(':')[0] },
      message: quoted(given),
    }
    const made = normalize([JSON.stringify(event)], { settings: logs!.settings }).logs.map(
      ({ message, attributes: { 'log.level': _, ...attributes } }) => {
        const fields = Object.entries(attributes).map(([key, value]) => `${key}=${value}`)
        return `\`${message}\`${fields.length > 0 ? ` with ${fields.join(' ')}` : ''}`
      },
    )
    expect(made.join() || 'nothing').toBe(becomes)
  })

  it('name every grok pattern', () => {
    const last = page.trim().split('\n\n').at(-1)!
    expect([...last.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(Object.keys(grokPatterns))
  })
})
