import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { section, settingsOf } from '../../../shared/config/section.ts'
import { defaultText, exampleText, kindOf, variablesOf } from '../../../shared/config/setting-text.ts'

function setting(field: z.ZodType) {
  const [only] = settingsOf(section('example', 'A section.', { someKey: field }))
  return only!
}

describe('kindOf', () => {
  it.each([
    [z.string(), 'text'],
    [z.string().regex(/^a/).default('a'), 'text'],
    [z.url(), 'URL'],
    [z.boolean().default(true), '`true` or `false`'],
    [z.enum(['a', 'b', 'c']).default('a'), '`a`, `b` or `c`'],
    [z.literal('a'), '`a`'],
    [z.number().int().min(20).max(10_000).default(200), 'whole number from 20 to 10,000'],
    [z.number().min(0).max(0.000_5), 'number from 0 to 0.0005'],
    [z.number().int(), 'whole number'],
    [z.number().int().min(1), 'whole number, at least 1'],
    [z.number().max(9), 'number, at most 9'],
    [z.number().gt(0).lt(1), 'number, above 0, below 1'],
    [z.array(z.string()).min(1).default(['a']), 'list of text'],
    [z.array(z.enum(['a', 'b'])), 'list of `a` or `b`'],
    [z.record(z.string(), z.enum(['a', 'b'])).default({}), 'map of names to `a` or `b`'],
    [z.union([z.number().int(), z.literal('auto')]).optional(), 'whole number or `auto`'],
  ])('case %#: %o → %s', (field, words) => {
    expect(kindOf(setting(field))).toBe(words)
  })
})

describe('defaultText and exampleText', () => {
  it.each([
    [z.string().default('a b'), 'a b'],
    [z.string().default('true'), '"true"'],
    [z.string().default(''), '""'],
    [z.number().default(8_388_608), '8388608'],
    [z.boolean().default(false), 'false'],
    [z.array(z.string()).default(['a', 'b, c']), '[a, "b, c"]'],
    [z.record(z.string(), z.number()).default({}), '{}'],
    [z.string().optional(), undefined],
  ])('case %#: the default as YAML: %s', (field, text) => {
    expect(defaultText(setting(field))).toBe(text)
  })

  it('shows an example only where it differs from the default', () => {
    expect(exampleText(setting(z.string().default('a').meta({ example: 'a' })))).toBeUndefined()
    expect(exampleText(setting(z.string().default('a').meta({ example: 'b' })))).toBe('b')
    expect(exampleText(setting(z.string().optional().meta({ example: 'b' })))).toBe('b')
    expect(exampleText(setting(z.string().optional()))).toBeUndefined()
  })

  it('keeps silent about secrets', () => {
    const secret = setting(z.string().default('hunter2').meta({ secret: true, example: 'hunter3' }))
    expect(defaultText(secret)).toBeUndefined()
    expect(exampleText(secret)).toBeUndefined()
  })
})

describe('variablesOf', () => {
  it('adds the variable of a file to that of a secret', () => {
    expect(variablesOf(setting(z.string()))).toEqual(['TIDEMARK_EXAMPLE_SOME_KEY'])
    expect(variablesOf(setting(z.string().meta({ secret: true })))).toEqual([
      'TIDEMARK_EXAMPLE_SOME_KEY',
      'TIDEMARK_EXAMPLE_SOME_KEY_FILE',
    ])
  })
})
