import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readEnvironment, variableOf } from '../../../shared/config/environment.ts'
import { section } from '../../../shared/config/section.ts'
import { ConfigurationError } from '../../../shared/errors.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const sink = section('influx-sink', 'A sink.', {
  url: z.url().default('http://localhost').meta({ description: 'Where.' }),
  batchPoints: z.number().int().default(5_000).meta({ description: 'How many.' }),
  ratio: z.number().default(0.5).meta({ description: 'How much.' }),
  enabled: z.boolean().default(true).meta({ description: 'Whether.' }),
  names: z.array(z.string()).default([]).meta({ description: 'Which.' }),
  formats: z.record(z.string(), z.string()).default({}).meta({ description: 'How.' }),
  sasl: z
    .strictObject({
      username: z.string().optional().meta({ description: 'Who.' }),
      password: z.string().optional().meta({ description: 'Key.', secret: true }),
    })
    .prefault({}),
})

const read = (env: NodeJS.ProcessEnv) =>
  readEnvironment([sink], env).map(({ setting, value }) => [setting.path.slice(1).join('.'), value])

describe('variableOf', () => {
  it.each([
    [['kafka', 'brokers'], 'TIDEMARK_KAFKA_BROKERS'],
    [['kafka', 'sasl', 'username'], 'TIDEMARK_KAFKA_SASL_USERNAME'],
    [['worker', 'maxRetryBackoffMs'], 'TIDEMARK_WORKER_MAX_RETRY_BACKOFF_MS'],
    [['influx-sink', 'batchPoints'], 'TIDEMARK_INFLUX_SINK_BATCH_POINTS'],
    [['x', 'http2Port'], 'TIDEMARK_X_HTTP2_PORT'],
  ])('names %j %s', (path, variable) => {
    expect(variableOf(path)).toBe(variable)
  })
})

describe('readEnvironment', () => {
  it.each([
    ['URL', 'http://a:1', 'url', 'http://a:1'],
    ['BATCH_POINTS', '12', 'batchPoints', 12],
    ['BATCH_POINTS', '-3', 'batchPoints', -3],
    ['RATIO', '0.25', 'ratio', 0.25],
    ['ENABLED', 'true', 'enabled', true],
    ['ENABLED', 'false', 'enabled', false],
    ['NAMES', 'a, b,,c ', 'names', ['a', 'b', 'c']],
    ['NAMES', '', 'names', []],
    ['FORMATS', 'raw.a=json, raw.b=syslog,', 'formats', { 'raw.a': 'json', 'raw.b': 'syslog' }],
    ['SASL_USERNAME', '007', 'sasl.username', '007'],
    ['SASL_PASSWORD', ' a,b=c ', 'sasl.password', ' a,b=c '],
  ])('reads %s=%j as %s', (variable, text, key, value) => {
    expect(read({ [`TIDEMARK_INFLUX_SINK_${variable}`]: text })).toEqual([[key, value]])
  })

  it.each([
    ['BATCH_POINTS', 'many', 'a number'],
    ['BATCH_POINTS', '1e3', 'a number'],
    ['BATCH_POINTS', '', 'a number'],
    ['ENABLED', 'yes', 'true or false'],
    ['FORMATS', 'raw.a', 'key=value'],
    ['FORMATS', 'a=b=c', 'key=value'],
  ])('refuses %s=%j and says that %s is wanted', (variable, text, wanted) => {
    const name = `TIDEMARK_INFLUX_SINK_${variable}`
    const attempt = () => read({ [name]: text })
    expect(attempt).toThrow(ConfigurationError)
    expect(attempt).toThrow(name)
    expect(attempt).toThrow(wanted)
    expect(attempt).toThrow(`"${text}"`)
  })

  it('refuses a variable of the section that is no setting, and names the nearest', () => {
    const attempt = () => read({ TIDEMARK_INFLUX_SINK_BATCH_POINT: '1' })
    expect(attempt).toThrow(ConfigurationError)
    expect(attempt).toThrow(
      /TIDEMARK_INFLUX_SINK_BATCH_POINT is not a setting: did you mean TIDEMARK_INFLUX_SINK_BATCH_POINTS\?/,
    )
  })

  it('passes over variables of other programs, other sections and the local servers', () => {
    expect(
      read({
        PATH: '/bin',
        INFLUX_SINK_URL: 'x',
        TIDEMARK_CONFIG: 'a.yaml',
        TIDEMARK_STACK: 'local',
        TIDEMARK_STACK_KEEP: '1',
        TIDEMARK_KAFKA_BROKERS: 'a:1',
        TIDEMARK_INFLUX_SINK_PORT_PUBLISHED: '1',
      }),
    ).toEqual([])
  })

  describe('with secrets in files', () => {
    it.each([
      ['hunter2', 'hunter2'],
      ['hunter2\n', 'hunter2'],
      ['hunter2\r\n', 'hunter2'],
      ['hunter2\n\n', 'hunter2\n'],
      ['  spaced  ', '  spaced  '],
    ])('reads %j as %j', (text, secret) => {
      const file = join(temporaryDirectory({ password: text }), 'password')
      expect(read({ TIDEMARK_INFLUX_SINK_SASL_PASSWORD_FILE: file })).toEqual([['sasl.password', secret]])
    })

    it('names variable and file when the file is not there', () => {
      const attempt = () => read({ TIDEMARK_INFLUX_SINK_SASL_PASSWORD_FILE: '/nowhere/at/all' })
      expect(attempt).toThrow(ConfigurationError)
      expect(attempt).toThrow(/TIDEMARK_INFLUX_SINK_SASL_PASSWORD_FILE .*\/nowhere\/at\/all/)
    })

    it('takes no file for a setting that is not secret', () => {
      expect(() => read({ TIDEMARK_INFLUX_SINK_SASL_USERNAME_FILE: '/etc/hostname' })).toThrow(
        /TIDEMARK_INFLUX_SINK_SASL_USERNAME_FILE is not a setting/,
      )
    })
  })
})
