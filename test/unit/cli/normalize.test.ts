import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../support/command.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-normalize-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs the command on a file of its own; `config` is YAML. */
async function normalize(sample: string, args: readonly string[] = [], config = '') {
  const file = join(folder, 'sample')
  const configFile = join(folder, 'tidemark.yaml')
  await writeFile(file, sample)
  await writeFile(configFile, config)
  const { status, stdout, stderr } = await runCommand({ env: {} }, [
    '--config',
    configFile,
    'normalize',
    '--in',
    file,
    ...args,
  ])
  const lines = stdout.split('\n').filter((line) => line !== '')
  return { status, stderr, lines: lines.map((line) => JSON.parse(line) as object) }
}

describe('tidemark normalize', () => {
  it('prints what comes out of a sample with the rules of the configuration', async () => {
    const { status, lines, stderr } = await normalize(
      'cpu,host=a user=1.5,idle=98,wait=-1 1700000000000000000\ncpu user=x\n',
      [],
      `normalizer:
  pointRules:
    - { metric: '*.idle', drop: true }
    - { range: { min: 0 } }
`,
    )
    expect(lines).toMatchObject([
      {
        point: {
          metric: 'cpu.user',
          tags: { host: 'a' },
          kind: 'gauge',
          time: '2023-11-14T22:13:20.000Z',
          value: 1.5,
        },
      },
      { refused: { record: 0, position: 0, value: 2, reason: 'out_of_range' } },
      { refused: { record: 0, position: 1, reason: 'unparseable' } },
    ])
    expect(stderr).toBe(
      'Points: 1, histograms: 0, log events: 0, spans: 0, refused: 2, dropped by rules: 1.\n',
    )
    expect(status).toBe(0)
  })

  it('takes each line for a record, of a format that is named', async () => {
    const { lines } = await normalize('level=warn msg=one\n\nlevel=info msg="two words"\n', [
      '--lines',
      '--format',
      'logfmt',
    ])
    expect(lines).toMatchObject([
      { log: { level: 'warn', message: 'one' } },
      { log: { level: 'info', message: 'two words' } },
    ])
  })

  it('hands on the last of several lines without waiting for the next', async () => {
    const { lines } = await normalize('2023-11-14 22:13:20 ERROR oh\n\tat a.B.c(B.java:1)\n', [
      '--lines',
      '--format',
      'text',
    ])
    expect(lines).toHaveLength(1)
  })

  it.each<[string, readonly string[], string, RegExp]>([
    [
      'an unknown format',
      ['--format', 'influks'],
      '',
      /^There is no format “influks”: .*influx.* are known\.\n$/,
    ],
    [
      'a missing file',
      ['--in', '/nowhere/at/all'],
      '',
      /^The sample \/nowhere\/at\/all can’t be read: ENOENT[^\n]*\n$/,
    ],
    [
      'a bad rule',
      [],
      'normalizer: { logRules: [{ message: "(", drop: true }] }',
      /^[^\n]*logRules\.0\.message is wrong: no pattern of RE2’s syntax: missing closing \)[^\n]*\n$/,
    ],
  ])('ends with status 2 and a sentence: %s', async (_, args, config, sentence) => {
    const { status, stderr, lines } = await normalize('m v=1', args, config)
    expect(stderr).toMatch(sentence)
    expect({ status, lines }).toEqual({ status: 2, lines: [] })
  })
})
