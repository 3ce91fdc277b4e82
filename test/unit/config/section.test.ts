import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { section, settingsOf, unwrap } from '../../../shared/config/section.ts'

const example = section('example', 'A section.', {
  host: z.string().default('localhost').meta({ description: 'Where.', example: 'a.example.com' }),
  timeoutMs: z.number().int().default(5).meta({ description: 'How long.', unit: 'ms' }),
  tls: z
    .strictObject({
      enabled: z.boolean().default(false).meta({ description: 'Whether.' }),
      deeper: z.strictObject({ file: z.string().optional().meta({ description: 'Which.' }) }).prefault({}),
    })
    .prefault({}),
  token: z.string().optional().meta({ description: 'Key.', secret: true }),
})

describe('section', () => {
  it('fills in defaults, those of nested objects too', () => {
    expect(example.schema.parse({})).toEqual({
      host: 'localhost',
      timeoutMs: 5,
      tls: { enabled: false, deeper: {} },
    })
  })

  it('refuses keys that were not declared', () => {
    const result = example.schema.safeParse({ hots: 'x' })
    expect(result.error?.issues).toMatchObject([{ code: 'unrecognized_keys', keys: ['hots'] }])
  })
})

describe('settingsOf', () => {
  it('lists the leaves in the order in which they were declared', () => {
    expect(settingsOf(example).map(({ path }) => path.join('.'))).toEqual([
      'example.host',
      'example.timeoutMs',
      'example.tls.enabled',
      'example.tls.deeper.file',
      'example.token',
    ])
  })

  it('tells what was declared of each', () => {
    const [host, timeout, enabled, file, token] = settingsOf(example)
    expect(host).toMatchObject({
      description: 'Where.',
      example: 'a.example.com',
      default: 'localhost',
      secret: false,
    })
    expect(timeout).toMatchObject({ description: 'How long.', unit: 'ms', default: 5 })
    expect(enabled).toMatchObject({ default: false })
    expect(file).toMatchObject({ description: 'Which.', default: undefined })
    expect(token).toMatchObject({ secret: true, default: undefined })
    expect(host).not.toHaveProperty('unit')
    expect(timeout).not.toHaveProperty('example')
  })

  it('sees metadata that was given before the default or the optionality', () => {
    const shape = { key: z.string().meta({ description: 'Key.', secret: true }).optional() }
    expect(settingsOf(section('early', 'A section.', shape))).toMatchObject([
      { description: 'Key.', secret: true },
    ])
  })
})

describe('unwrap', () => {
  it('gives the type below defaults and optionality, however deep', () => {
    expect(unwrap(z.string().optional().default('x'))).toBeInstanceOf(z.ZodString)
    expect(unwrap(z.strictObject({}).prefault({}))).toBeInstanceOf(z.ZodObject)
    expect(unwrap(z.boolean())).toBeInstanceOf(z.ZodBoolean)
  })
})
