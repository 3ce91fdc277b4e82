import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isConfigured, loadConfig } from '../../../shared/config/load.ts'
import { section } from '../../../shared/config/section.ts'
import { ConfigurationError } from '../../../shared/errors.ts'
import { refusalOf } from './refusal.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const kafka = section('kafka', 'A cluster.', {
  brokers: z
    .array(z.string().regex(/:\d+$/, 'a broker is host:port'))
    .default(['127.0.0.1:9092'])
    .meta({ description: 'Brokers.', example: ['kafka-1:9092'] }),
  clientId: z.string().min(1).default('tidemark').meta({ description: 'Name.' }),
  sasl: z
    .strictObject({
      mechanism: z.enum(['none', 'plain']).default('none').meta({ description: 'How.' }),
      username: z.string().optional().meta({ description: 'Who.' }),
      password: z
        .string()
        .min(8)
        .optional()
        .meta({ description: 'Key.', secret: true, example: 'an example' }),
    })
    .prefault({}),
})
const worker = section('worker', 'A worker.', {
  commitIntervalMs: z.number().int().min(20).max(10_000).default(200).meta({ description: 'How often.' }),
  maxBatchRecords: z.number().int().min(1).default(500).meta({ description: 'How many.' }),
})
const sections = { kafka, worker }

function load(yaml: string, env: NodeJS.ProcessEnv = {}) {
  return loadConfig(sections, { cwd: temporaryDirectory({ 'tidemark.yaml': yaml }), env })
}

const refusal = (...source: Parameters<typeof load>) => refusalOf(() => load(...source))

describe('loadConfig', () => {
  it('gives the defaults when there is neither file nor environment', () => {
    expect(loadConfig(sections, { cwd: temporaryDirectory(), env: {} })).toEqual({
      kafka: { brokers: ['127.0.0.1:9092'], clientId: 'tidemark', sasl: { mechanism: 'none' } },
      worker: { commitIntervalMs: 200, maxBatchRecords: 500 },
    })
  })

  it.each(['', '# nothing yet\n', 'kafka:\n', 'kafka: {}\nworker:\n'])('takes %j for nothing set', (yaml) => {
    expect(load(yaml).worker.commitIntervalMs).toBe(200)
  })

  it('puts the file over the defaults and the environment over the file, key by key', () => {
    const yaml = 'kafka:\n  clientId: file\n  sasl:\n    mechanism: plain\n    username: file\n'
    expect(load(yaml, { TIDEMARK_KAFKA_SASL_USERNAME: 'environment' }).kafka).toEqual({
      brokers: ['127.0.0.1:9092'],
      clientId: 'file',
      sasl: { mechanism: 'plain', username: 'environment' },
    })
  })

  it('replaces a list whole', () => {
    const config = load('kafka:\n  brokers: [a:1, b:2]\n', { TIDEMARK_KAFKA_BROKERS: 'c:3' })
    expect(config.kafka.brokers).toEqual(['c:3'])
  })

  it('takes secrets from the environment', () => {
    const config = load('', { TIDEMARK_KAFKA_SASL_PASSWORD: 'correct horse' })
    expect(config.kafka.sasl.password).toBe('correct horse')
  })

  it('passes over what the file says to other services, however wrong it is', () => {
    expect(load('detector:\n  nonsense: [1]\nworker:\n  maxBatchRecords: 7\n').worker.maxBatchRecords).toBe(7)
  })

  describe('finds the file', () => {
    const files = {
      'tidemark.yaml': 'kafka: { clientId: usual }',
      'other.yaml': 'kafka: { clientId: other }',
      'third.yaml': 'kafka: { clientId: third }',
    }

    it.each([
      ['tidemark.yaml in the working directory', {}, 'usual'],
      ['the one that TIDEMARK_CONFIG names', { env: { TIDEMARK_CONFIG: 'other.yaml' } }, 'other'],
      [
        'the one that was asked for, before TIDEMARK_CONFIG',
        { env: { TIDEMARK_CONFIG: 'other.yaml' }, file: 'third.yaml' },
        'third',
      ],
    ])('%s', (_, source, clientId) => {
      const config = loadConfig(sections, { cwd: temporaryDirectory(files), env: {}, ...source })
      expect(config.kafka.clientId).toBe(clientId)
    })

    it('takes an absolute path', () => {
      const file = join(temporaryDirectory(files), 'third.yaml')
      expect(loadConfig(sections, { cwd: '/', env: {}, file }).kafka.clientId).toBe('third')
    })

    it.each([{ file: 'absent.yaml', env: {} }, { env: { TIDEMARK_CONFIG: 'absent.yaml' } }])(
      'and stops when the file that %j names is not there',
      (source) => {
        const cwd = temporaryDirectory()
        const attempt = () => loadConfig(sections, { cwd, ...source })
        expect(attempt).toThrow(ConfigurationError)
        expect(attempt).toThrow(`${join(cwd, 'absent.yaml')} does not exist`)
      },
    )
  })
})

describe('loadConfig stops with a sentence', () => {
  it('for a value out of range: the file, its line, the key', () => {
    expect(refusal('# first\nworker:\n  maxBatchRecords: 9\n  commitIntervalMs: 3\n')).toMatch(
      /tidemark\.yaml:4: worker\.commitIntervalMs .*20/,
    )
  })

  it('for a value of the wrong kind', () => {
    expect(refusal('worker:\n  commitIntervalMs: soon\n')).toMatch(
      /tidemark\.yaml:2: worker\.commitIntervalMs .*number/,
    )
  })

  it('for a word that is none of those allowed', () => {
    expect(refusal('kafka:\n  sasl:\n    mechanism: kerberos\n')).toMatch(
      /tidemark\.yaml:3: kafka\.sasl\.mechanism .*none.*plain/,
    )
  })

  it('for a wrong element of a list, with an example', () => {
    expect(refusal('kafka:\n  brokers:\n    - a:1\n    - b\n')).toMatch(
      /kafka\.brokers\.1 .*a broker is host:port/,
    )
  })

  it('for a value of the environment: the variable, not the file', () => {
    const sentence = refusal('worker:\n  commitIntervalMs: 50\n', { TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '3' })
    expect(sentence).toMatch(/TIDEMARK_WORKER_COMMIT_INTERVAL_MS.*20/)
    expect(sentence).not.toContain('tidemark.yaml')
  })

  it.each([
    ['kafka:\n  brokrs: [a:1]\n', /tidemark\.yaml:2: .*"kafka\.brokrs".*did you mean "brokers"\?/],
    [
      'kafka:\n  sasl:\n    usernam: x\n',
      /tidemark\.yaml:3: .*"kafka\.sasl\.usernam".*did you mean "username"\?/,
    ],
    ['workr:\n  commitIntervalMs: 50\n', /tidemark\.yaml:1: .*"workr".*did you mean "worker"\?/],
    ['influxsink: {}\n', /tidemark\.yaml:1: .*"influxsink".*did you mean "influx-sink"\?/],
  ])('for a misspelt key, with the nearest: %j', (yaml, sentence) => {
    expect(refusal(yaml)).toMatch(sentence)
  })

  it('without a guess for a key that is like no other', () => {
    expect(refusal('kafka:\n  zebra: 1\n')).not.toContain('did you mean')
  })

  it('for a misspelt variable', () => {
    expect(refusal('', { TIDEMARK_WORKER_MAX_BATCH_RECORD: '1' })).toContain(
      'did you mean TIDEMARK_WORKER_MAX_BATCH_RECORDS?',
    )
  })

  it('for several mistakes: the first, then a line for each of the others', () => {
    const lines = refusal('worker:\n  commitIntervalMs: 3\n  maxBatchRecords: 0\n  other: 1\n').split('\n')
    expect(lines[0]).toContain('worker.commitIntervalMs')
    expect(lines[1]).toMatch(/and 2 more/i)
    expect(lines.slice(2).filter((line) => line.trim() !== '')).toHaveLength(2)
  })

  it.each([
    ['kafka: 5\n', /tidemark\.yaml:1: .*"kafka" must be a map/],
    ['worker: {}\nkafka: [a]\n', /tidemark\.yaml:2: .*"kafka" must be a map/],
    ['- kafka\n', /tidemark\.yaml must be a map of sections/],
    ['kafka:\n  sasl: 5\n', /tidemark\.yaml:2: kafka\.sasl/],
  ])('for a file of the wrong shape: %j', (yaml, sentence) => {
    expect(refusal(yaml)).toMatch(sentence)
  })

  it.each(['kafka: {\n', 'kafka:\n  clientId: a\n  clientId: b\n', 'kafka: {}\n---\nkafka: {}\n'])(
    'for a file that is no YAML, or two: %j',
    (yaml) => {
      expect(refusal(yaml)).toMatch(/tidemark\.yaml(:\d+)? is not valid YAML/)
    },
  )

  it('for a secret in the file, telling where it belongs and not what it is', () => {
    const sentence = refusal('kafka:\n  sasl:\n    password: hunter2-hunter2\n')
    expect(sentence).toMatch(/tidemark\.yaml:3: kafka\.sasl\.password is a secret/)
    expect(sentence).toContain('TIDEMARK_KAFKA_SASL_PASSWORD_FILE')
    expect(sentence).not.toContain('hunter2')
  })

  it('for a wrong secret, without its value', () => {
    const sentence = refusal('', { TIDEMARK_KAFKA_SASL_PASSWORD: 'hunter2' })
    expect(sentence).toMatch(/TIDEMARK_KAFKA_SASL_PASSWORD.*kafka\.sasl\.password/)
    expect(sentence).not.toContain('an example')
    expect(sentence).not.toContain('hunter2')
  })
})

describe('isConfigured', () => {
  const path = ['kafka', 'sasl', 'username']

  it.each([
    ['nothing gives it, whatever its default', 'kafka:\n  clientId: a\n', {}, false],
    ['the file gives it', 'kafka:\n  sasl:\n    username: me\n', {}, true],
    ['the environment gives it', '', { TIDEMARK_KAFKA_SASL_USERNAME: 'me' }, true],
    ['the file has its section only', 'kafka:\n', { TIDEMARK_KAFKA_CLIENT_ID: 'a' }, false],
  ])('when %s', (_, yaml, env, wanted) => {
    const cwd = temporaryDirectory({ 'tidemark.yaml': yaml })
    expect(isConfigured(path, { cwd, env })).toBe(wanted)
  })

  it('without a file', () => {
    expect(isConfigured(path, { cwd: temporaryDirectory(), env: {} })).toBe(false)
  })

  it('looks into the file that TIDEMARK_CONFIG names', () => {
    const cwd = temporaryDirectory({ 'other.yaml': 'kafka: { sasl: { username: me } }' })
    expect(isConfigured(path, { cwd, env: { TIDEMARK_CONFIG: 'other.yaml' } })).toBe(true)
  })
})
