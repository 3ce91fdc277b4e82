import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../../../shared/config/load.ts'
import { section } from '../../../shared/config/section.ts'
import { refusalOf } from './refusal.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const kafka = section('kafka', 'A cluster.', {
  clientId: z.string().min(1).default('tidemark').meta({ description: 'Name.' }),
  tls: z.strictObject({ enabled: z.boolean().default(false).meta({ description: 'Whether.' }) }).prefault({}),
  sasl: z
    .strictObject({
      username: z.string().optional().meta({ description: 'Who.' }),
      password: z.string().min(8).optional().meta({ description: 'Key.', secret: true }),
    })
    .prefault({}),
})
const worker = section('worker', 'A worker.', {
  commitIntervalMs: z.number().int().min(20).default(200).meta({ description: 'How often.', unit: 'ms' }),
})
const influx = section('influx', 'A store.', {
  url: z.string().default('http://localhost').meta({ description: 'Where.' }),
})
const sections = { kafka, worker, influx }

const load = (yaml: string, env: NodeJS.ProcessEnv = {}, files: Record<string, string> = {}) =>
  loadConfig(sections, { cwd: temporaryDirectory({ 'tidemark.yaml': yaml, ...files }), env })

const refusal = (...source: Parameters<typeof load>) => refusalOf(() => load(...source))

describe('a mistake', () => {
  it.each([
    ['worker:\n  commitIntervalMs: 3\n', 'found 3'],
    ['worker:\n  commitIntervalMs: soon\n', 'found "soon"'],
    [`worker:\n  commitIntervalMs: ${'x'.repeat(500)}\n`, `found "${'x'.repeat(59)}…`],
  ])('is told with what was found: %j', (yaml, found) => {
    expect(refusal(yaml)).toContain(found)
  })

  it('is told without what was found where that is a secret, or holds one', () => {
    expect(refusal('', { TIDEMARK_KAFKA_SASL_PASSWORD: 'hunter2' })).not.toMatch(/hunter2|found/)
    expect(refusal('kafka:\n  sasl: [hunter2]\n')).not.toMatch(/hunter2|found/)
  })

  it('in a secret’s line of a broken file does not show the secret', () => {
    const sentence = refusal('kafka:\n  sasl:\n    password: hunter2: x\n')
    expect(sentence).toMatch(/tidemark\.yaml:3 is not valid YAML/)
    expect(sentence).not.toContain('hunter2')
  })

  it('in a key is compared with the keys that may stand there', () => {
    expect(refusal('kafka:\n  tls:\n    usernme: x\n')).not.toContain('did you mean')
  })

  it('of each section is told, all at once', () => {
    const sentence = refusal('worker:\n  commitIntervalMs: 3\nkafka:\n  clientId: 5\n')
    expect(sentence).toContain('kafka.clientId')
    expect(sentence).toContain('worker.commitIntervalMs')
    expect(sentence).toContain('And 1 more:')
  })

  it.each([
    ['kafka:\n  tls: 5\n', { TIDEMARK_KAFKA_TLS_ENABLED: 'true' }, 'kafka.tls'],
    ['kafka:\n  clientId: *nowhere\n', {}, 'tidemark.yaml'],
    ['', { TIDEMARK_CONFIG: '/' }, "can't be read"],
  ])('is a sentence and no crash: %j', (yaml, env, sentence) => {
    expect(refusal(yaml, env)).toContain(sentence)
  })

  it('is a secret that comes from two places', () => {
    const env = { TIDEMARK_KAFKA_SASL_PASSWORD: 'hunter2-hunter2', TIDEMARK_KAFKA_SASL_PASSWORD_FILE: '/x' }
    expect(refusal('', env)).toBe(
      'Set TIDEMARK_KAFKA_SASL_PASSWORD or TIDEMARK_KAFKA_SASL_PASSWORD_FILE, not both.',
    )
  })
})

describe('no mistake', () => {
  it.each(['kafka:\n  tls:\n', 'kafka:\n  clientId:\n', 'kafka:\n  sasl:\n    password:\n'])(
    'is a key without a value: %j',
    (yaml) => {
      expect(load(yaml)).toEqual(load(''))
    },
  )

  it('is an empty TIDEMARK_CONFIG', () => {
    expect(load('kafka:\n  clientId: a\n', { TIDEMARK_CONFIG: '' }).kafka.clientId).toBe('a')
  })

  it('is a variable of a section that is not loaded and begins like one that is', () => {
    expect(load('', { TIDEMARK_INFLUX_SINK_MAX_LINES: '5' })).toEqual(load(''))
    expect(() => load('', { TIDEMARK_INFLUX_BUKET: '5' })).toThrow('TIDEMARK_INFLUX_BUKET')
  })

  it('is a secret’s file, named beside it and sought from the configuration’s folder', () => {
    const yaml = 'kafka:\n  sasl:\n    username: me\n    passwordFile: secret\n'
    const cwd = temporaryDirectory({ 'tidemark.yaml': yaml, secret: 'correct horse\n' })
    const file = join(cwd, 'tidemark.yaml')
    const wanted = { username: 'me', password: 'correct horse' }
    expect(loadConfig(sections, { cwd: '/', env: {}, file }).kafka.sasl).toEqual(wanted)
    const env = { TIDEMARK_KAFKA_SASL_PASSWORD: 'of the environment' }
    expect(loadConfig(sections, { cwd: '/', env, file }).kafka.sasl.password).toBe('of the environment')
    expect(() => load(yaml)).toThrow(/tidemark\.yaml:4: kafka\.sasl\.passwordFile names the file/)
  })
})
