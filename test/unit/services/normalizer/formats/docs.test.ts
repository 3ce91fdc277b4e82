import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { normalizerSection } from '../../../../../services/normalizer/config.ts'
import { formats } from '../../../../../services/normalizer/formats/registry.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/formats.md'), 'utf8')
const [list = '', more = ''] = page.split('## From the agent to the topic')
const agents = more.split('\n## ')[0]!

/** The names in the first column of the tables in a text. */
const named = (text: string) =>
  new Set(
    [...text.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!),
    ),
  )

describe('docs/formats.md', () => {
  it.each(formats.map(({ name }) => name))('says what %s is, and how it comes into Kafka', (name) => {
    expect(named(list)).toContain(name)
    expect(named(agents)).toContain(name)
  })

  it('shows what can be configured', () => {
    const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => parse(yaml) as object)
    const own = blocks.filter((block): block is { normalizer: object } => 'normalizer' in block)
    expect(own.length).toBeGreaterThan(0)
    for (const { normalizer } of own) normalizerSection.schema.parse(normalizer)
  })
})
