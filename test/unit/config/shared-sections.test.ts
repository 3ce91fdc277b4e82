import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { registrySection } from '../../../shared/avro/config.ts'
import { variableOf } from '../../../shared/config/environment.ts'
import { loadConfig } from '../../../shared/config/load.ts'
import { exampleYaml } from '../../../shared/config/reference.ts'
import { settingsOf } from '../../../shared/config/section.ts'
import { sectionNames } from '../../../shared/config/section-names.ts'
import { elasticsearchSection } from '../../../shared/elasticsearch/config.ts'
import { influxSection } from '../../../shared/influx/config.ts'
import { kafkaSection } from '../../../shared/kafka/config.ts'
import { httpSection, logSection } from '../../../shared/observability/config.ts'
import { workerSection } from '../../../shared/stream/config.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const sections = {
  kafka: kafkaSection,
  registry: registrySection,
  influx: influxSection,
  elasticsearch: elasticsearchSection,
  worker: workerSection,
  http: httpSection,
  log: logSection,
}
const list = Object.values(sections)
const settings = list.flatMap(settingsOf).map((setting) => ({ ...setting, key: setting.path.join('.') }))

const load = (yaml: string, env: NodeJS.ProcessEnv = {}) =>
  loadConfig(sections, { cwd: temporaryDirectory({ 'tidemark.yaml': yaml }), env })

function messageOf(attempt: () => unknown): string {
  try {
    attempt()
    return 'nothing was wrong'
  } catch (error) {
    return (error as Error).message
  }
}

describe('the shared sections', () => {
  it('are all known by name, none twice', () => {
    expect(list.map(({ name }) => name).filter((name) => !sectionNames.includes(name))).toEqual([])
    expect(new Set(sectionNames).size).toBe(sectionNames.length)
  })

  it.each(['registry', 'influx', 'elasticsearch'])(
    'refuse a password in the address of %s, and do not show it',
    (name) => {
      const variable = `TIDEMARK_${name.toUpperCase()}_URL`
      const message = messageOf(() => load('', { [variable]: 'https://me:hunter2@example.com' }))
      expect(message).toContain(`${variable}: ${name}.url is wrong: addresses are logged`)
      expect(message).not.toContain('hunter2')
    },
  )

  it('need nothing to be set', () => {
    expect(load('')).toMatchObject({
      kafka: {
        brokers: ['127.0.0.1:9092'],
        topicPrefix: 'telemetry',
        tls: { enabled: false },
        sasl: { mechanism: 'none' },
      },
      registry: { url: 'http://127.0.0.1:8081/apis/ccompat/v7' },
      influx: { url: 'http://127.0.0.1:8086', org: 'tidemark', bucket: 'telemetry' },
      elasticsearch: { url: 'http://127.0.0.1:9200', indexPrefix: 'tidemark' },
      worker: {
        commitIntervalMs: 200,
        maxBatchRecords: 500,
        maxQueuedBytes: 8 * 1024 * 1024,
        sessionTimeoutMs: 10_000,
        heartbeatIntervalMs: 1_000,
        retryBackoffMs: 250,
        maxRetryBackoffMs: 15_000,
        startFrom: 'earliest',
        shutdownTimeoutMs: 4_500,
      },
      http: { host: '127.0.0.1', port: 0 },
      log: { level: 'info' },
    })
  })

  it.each(settings)('describe $key in sentences', ({ description }) => {
    expect(description).toMatch(/^[A-Z].*\.$/)
  })

  it.each(settings.filter(({ secret }) => !secret))('have an example of $key that is right', (setting) => {
    expect(setting.example).toBeDefined()
    expect(setting.schema.safeParse(setting.example).error).toBeUndefined()
  })

  it.each(settings.filter(({ schema }) => schema instanceof z.ZodNumber))(
    'bound $key on both sides',
    ({ schema }) => {
      expect(schema.safeParse(Number.MAX_SAFE_INTEGER).success).toBe(false)
      expect(schema.safeParse(-1).success).toBe(false)
      expect(schema.safeParse(100.5).success).toBe(false)
    },
  )

  it.each(settings.filter(({ key }) => /(Ms|Bytes)$/.test(key)))(
    'give $key the unit in its name',
    ({ key, unit }) => {
      expect(unit).toBe(key.endsWith('Ms') ? 'ms' : 'bytes')
    },
  )

  it('mark exactly passwords, tokens and keys as secret', () => {
    expect(settings.filter(({ secret }) => secret).map(({ key }) => key)).toEqual([
      'kafka.sasl.password',
      'registry.password',
      'influx.token',
      'elasticsearch.password',
      'elasticsearch.apiKey',
    ])
    expect(
      settings.filter(({ secret, key }) => !secret && /password|token|apiKey|secret$/i.test(key)),
    ).toEqual([])
  })

  it('have a variable of its own for each setting and for the file of each secret', () => {
    const variables = settings.flatMap(({ path, secret }) => [
      variableOf(path),
      ...(secret ? [`${variableOf(path)}_FILE`] : []),
    ])
    expect(new Set(variables).size).toBe(variables.length)
  })

  it('are the defaults again when read from the example file', () => {
    const text = exampleYaml(list).replaceAll(/^# /gm, '')
    const config = load(text)
    for (const { path, default: standard } of settings) {
      if (standard !== undefined) expect(config).toHaveProperty([...path], standard)
    }
    expect(Object.keys(parse(text))).toEqual(list.map(({ name }) => name))
  })
})

describe('the shared sections refuse', () => {
  it.each([
    ['kafka:\n  brokers: []\n', 'kafka.brokers'],
    ['kafka:\n  brokers: ["http://a:9092"]\n', 'kafka.brokers.0'],
    ['kafka:\n  brokers: [a]\n', 'kafka.brokers.0'],
    ['kafka:\n  topicPrefix: "a b"\n', 'kafka.topicPrefix'],
    ['kafka:\n  clientId: ""\n', 'kafka.clientId'],
    ['kafka:\n  tls:\n    rejectUnauthorized: false\n', 'kafka.tls.rejectUnauthorized'],
    ['kafka:\n  sasl:\n    mechanism: gssapi\n', 'kafka.sasl.mechanism'],
    ['registry:\n  url: ftp://a\n', 'registry.url'],
    ['influx:\n  url: localhost:8086\n', 'influx.url'],
    ['influx:\n  bucket: ""\n', 'influx.bucket'],
    ['elasticsearch:\n  indexPrefix: Upper\n', 'elasticsearch.indexPrefix'],
    ['elasticsearch:\n  indexPrefix: _x\n', 'elasticsearch.indexPrefix'],
    ['worker:\n  commitIntervalMs: 19\n', 'worker.commitIntervalMs'],
    ['worker:\n  commitIntervalMs: 10001\n', 'worker.commitIntervalMs'],
    ['worker:\n  startFrom: begin\n', 'worker.startFrom'],
    ['http:\n  port: 65536\n', 'http.port'],
    ['log:\n  level: loud\n', 'log.level'],
  ])('%j, naming %s', (yaml, key) => {
    expect(() => load(yaml)).toThrow(key)
  })
})
