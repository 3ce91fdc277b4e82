import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { aggregatorSection } from '../../../../../services/aggregator/config.ts'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { routeOf } from '../../../../../services/normalizer/derived/path-template.ts'
import { normalize } from '../../../../support/normalize.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/derived-points.md'), 'utf8')

const rowsUnder = (head: string) =>
  page
    .slice(page.indexOf(head))
    .split('\n\n')[0]!
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.slice(2, -2).split(' | ') as [given: string, becomes: string])

const unquoted = (text: string) => text.replaceAll('`', '')

describe('docs/derived-points.md', () => {
  it.each(rowsUnder('| given | becomes |'))('%s', (given, becomes) => {
    const settings = normalizerSection.schema.parse({ derivedPoints: ['accessLogs', 'spans'] })
    const { points } = normalize([unquoted(given)], { settings })
    expect(points.map(([series, , value]) => `\`${series} ${value}\``).join(', ')).toBe(becomes)
  })

  it.each(rowsUnder('| path | route |'))('%s', (path, route) => {
    expect(routeOf(unquoted(path))).toBe(unquoted(route))
  })

  it('shows what can be configured', () => {
    const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => parse(yaml) as object)
    expect(blocks).toHaveLength(5)
    for (const block of blocks) {
      if ('normalizer' in block) normalizerSection.schema.parse(block.normalizer)
      if ('aggregator' in block) aggregatorSection.schema.parse(block.aggregator)
    }
  })
})
