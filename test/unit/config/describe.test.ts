import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeConfig } from '../../../shared/config/describe.ts'
import { loadConfig } from '../../../shared/config/load.ts'
import { section } from '../../../shared/config/section.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const kafka = section('kafka', 'A cluster.', {
  brokers: z.array(z.string()).default(['a:1']).meta({ description: 'Brokers.' }),
  sasl: z
    .strictObject({
      username: z.string().optional().meta({ description: 'Who.' }),
      password: z.string().optional().meta({ description: 'Key.', secret: true }),
    })
    .prefault({}),
})
const registry = section('registry', 'A registry.', {
  url: z.url().default('http://localhost').meta({ description: 'Where.' }),
})
const sections = { cluster: kafka, registry }

const described = (env: NodeJS.ProcessEnv) =>
  describeConfig(sections, loadConfig(sections, { cwd: temporaryDirectory(), env }))

describe('describeConfig', () => {
  it('shows what is in force under the names of the file', () => {
    expect(described({ TIDEMARK_KAFKA_SASL_USERNAME: 'me' })).toEqual({
      kafka: { brokers: ['a:1'], sasl: { username: 'me' } },
      registry: { url: 'http://localhost' },
    })
  })

  it('masks secrets that are set, and leaves out what is not set', () => {
    const shown = described({ TIDEMARK_KAFKA_SASL_PASSWORD: 'hunter2' })
    expect(shown.kafka).toEqual({ brokers: ['a:1'], sasl: { password: '********' } })
    expect(described({}).kafka).toEqual({ brokers: ['a:1'] })
  })

  it.each([
    ['https://me:hunter2@example.com/x', 'https://me:********@example.com/x'],
    ['https://:hunter2@example.com', 'https://:********@example.com'],
    ['https://me:hunt@er2@example.com', 'https://me:********@example.com'],
    ['https://me@example.com:8080/a:b@c', 'https://me@example.com:8080/a:b@c'],
    ['https://example.com:8080/a:b@c', 'https://example.com:8080/a:b@c'],
  ])('shows the address %s as %s', (url, wanted) => {
    expect(described({ TIDEMARK_REGISTRY_URL: url }).registry).toEqual({ url: wanted })
  })

  it('does not change the configuration', () => {
    const config = loadConfig(sections, {
      cwd: temporaryDirectory(),
      env: { TIDEMARK_KAFKA_SASL_PASSWORD: 'hunter2' },
    })
    describeConfig(sections, config)
    expect(config.cluster.sasl.password).toBe('hunter2')
  })
})
