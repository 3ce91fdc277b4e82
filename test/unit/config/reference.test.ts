import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadConfig } from '../../../shared/config/load.ts'
import { exampleYaml, helpText, referenceMarkdown } from '../../../shared/config/reference.ts'
import { section } from '../../../shared/config/section.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const kafka = section('kafka', 'A cluster.', {
  brokers: z
    .array(z.string())
    .default(['127.0.0.1:9092'])
    .meta({ description: 'Brokers.', example: ['a:1', 'b:2'] }),
  tls: z
    .strictObject({
      enabled: z.boolean().default(false).meta({ description: 'Whether a|b.' }),
      inner: z
        .strictObject({ depth: z.number().int().default(3).meta({ description: 'How deep.' }) })
        .prefault({}),
    })
    .prefault({}),
  sasl: z
    .strictObject({
      username: z.string().optional().meta({ description: 'Who.', example: 'tidemark' }),
      password: z.string().optional().meta({ description: 'Key.', secret: true }),
    })
    .prefault({}),
  timeoutMs: z.number().int().min(1).max(5_000).default(100).meta({ description: 'How long.', unit: 'ms' }),
  note: z.string().optional().meta({ description: 'No example.' }),
})
const log = section('log', 'What is written.', {
  level: z.enum(['info', 'warn']).default('info').meta({ description: 'Least level.' }),
})

/** What is left when a person takes the "# " away everywhere. */
const uncommented = (text: string) => text.replaceAll(/^# /gm, '')

describe('referenceMarkdown', () => {
  const lines = referenceMarkdown([kafka, log]).split('\n')

  it('has a heading for each section, in the order given', () => {
    expect(lines.filter((line) => line.startsWith('#'))).toEqual(['# Configuration', '## kafka', '## log'])
    expect(lines).toContain('A cluster.')
  })

  it('has a row for each setting', () => {
    expect(lines.filter((line) => line.startsWith('| `'))).toEqual([
      '| `brokers` | `TIDEMARK_KAFKA_BROKERS` | list of text | `[127.0.0.1:9092]` |  | Brokers. Example: `[a:1, b:2]` |',
      '| `tls.enabled` | `TIDEMARK_KAFKA_TLS_ENABLED` | `true` or `false` | `false` |  | Whether a\\|b. |',
      '| `tls.inner.depth` | `TIDEMARK_KAFKA_TLS_INNER_DEPTH` | whole number | `3` |  | How deep. |',
      '| `sasl.username` | `TIDEMARK_KAFKA_SASL_USERNAME` | text |  |  | Who. Example: `tidemark` |',
      '| `sasl.password` (secret) | `TIDEMARK_KAFKA_SASL_PASSWORD` or `TIDEMARK_KAFKA_SASL_PASSWORD_FILE` | text |  |  | Key. |',
      '| `timeoutMs` | `TIDEMARK_KAFKA_TIMEOUT_MS` | whole number from 1 to 5,000 | `100` | ms | How long. |',
      '| `note` | `TIDEMARK_KAFKA_NOTE` | text |  |  | No example. |',
      '| `level` | `TIDEMARK_LOG_LEVEL` | `info` or `warn` | `info` |  | Least level. |',
    ])
  })

  it('has tables whose rows all have the columns of their head', () => {
    const columns = (line: string) => line.replaceAll('\\|', '').split('|').length
    expect(new Set(lines.filter((line) => line.startsWith('|')).map(columns))).toEqual(new Set([8]))
  })
})

describe('exampleYaml', () => {
  const text = exampleYaml([kafka, log])

  it('sets nothing as it stands', () => {
    expect(parse(text)).toBeNull()
  })

  it('is YAML with defaults, and examples where there are none, when the "# " is taken away', () => {
    expect(parse(uncommented(text))).toEqual({
      kafka: {
        brokers: ['127.0.0.1:9092'],
        tls: { enabled: false, inner: { depth: 3 } },
        sasl: { username: 'tidemark' },
        timeoutMs: 100,
      },
      log: { level: 'info' },
    })
  })

  it('is a configuration file then', () => {
    const cwd = temporaryDirectory({ 'tidemark.yaml': uncommented(text) })
    expect(loadConfig({ kafka, log }, { cwd, env: {} }).kafka.sasl.username).toBe('tidemark')
  })

  it('names secrets and where they come from, in comments', () => {
    expect(text).toContain(
      '##     password: Key. Only from TIDEMARK_KAFKA_SASL_PASSWORD or TIDEMARK_KAFKA_SASL_PASSWORD_FILE.\n',
    )
  })

  it('says which values are examples, and what is taken', () => {
    expect(text).toContain('Who. Takes: text. No default: the value is an example.')
    expect(text).toContain('How long. Takes: whole number from 1 to 5,000, in ms.')
  })

  it('names a setting that has neither default nor example', () => {
    expect(text).toContain('##   note: No example. Takes: text.\n')
  })

  it('keeps to a hundred columns', () => {
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
  })
})

describe('helpText', () => {
  it('has a paragraph for each setting', () => {
    expect(helpText(log)).toBe(
      [
        'log: What is written.',
        '',
        '  log.level',
        '      Least level.',
        '      Takes: info or warn; default info',
        '      TIDEMARK_LOG_LEVEL',
        '',
      ].join('\n'),
    )
  })

  it('tells examples, units, secrets and missing defaults', () => {
    const text = helpText(kafka)
    expect(text).toContain('Takes: list of text; default [127.0.0.1:9092]; example [a:1, b:2]\n')
    expect(text).toContain('Takes: whole number from 1 to 5,000, in ms; default 100\n')
    expect(text).toContain('Takes: text; default none; example tidemark\n')
    expect(text).toContain('Takes: text; secret\n')
    expect(text).toContain('TIDEMARK_KAFKA_SASL_PASSWORD or TIDEMARK_KAFKA_SASL_PASSWORD_FILE\n')
  })
})
