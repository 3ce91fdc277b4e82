import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { detectFiles } from '../../../../cli/detect/run.ts'
import { ensemble } from '../../../../services/detector/ensemble/ensemble.ts'
import { ConfigurationError } from '../../../../shared/errors.ts'
import { runCommand } from '../../../support/command.ts'
import { gaussian } from '../../../support/gaussian.ts'

let root: string
let folders = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-detect-'))
})
afterAll(() => rm(root, { recursive: true }))

/** Writes files, runs the detector over their folder, and reads what came of them. */
async function detected(files: Readonly<Record<string, string>>, value = 'value') {
  const folder = join(root, String(folders++))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, 'in', name)), { recursive: true })
    await writeFile(join(folder, 'in', name), text)
  }
  const told: string[] = []
  await detectFiles({ in: join(folder, 'in'), out: join(folder, 'out'), value }, ensemble, (sentence) =>
    told.push(sentence.replace(`${join(folder, 'in')}/`, '')),
  )
  const read = (name: string) => readFile(join(folder, 'out', name), 'utf8')
  return { told, read, rows: async (name: string) => rowsOf(await read(name)) }
}

interface Row {
  readonly timestamp: string
  readonly value: string
  readonly anomaly_score: string
  readonly likelihood: string
  readonly kind: string
}

function rowsOf(text: string): readonly Row[] {
  const [header, ...lines] = text.trimEnd().split('\n')
  const names = header!.split(',')
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])),
  ) as unknown as Row[]
}

const time = (minute: number) =>
  new Date(Date.UTC(2024, 0, 1) + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ')

/** A minute between two rows; noise around 50, with a spike at `spikeAt`. */
function series(rows: number, spikeAt = -1): string[] {
  const next = gaussian(3)
  const lines = ['timestamp,value']
  for (let i = 0; i < rows; i++)
    lines.push(`${time(i)},${i === spikeAt ? 500 : (50 + 3 * next()).toFixed(3)}`)
  return lines
}

const csv = (lines: readonly string[]) => `${lines.join('\n')}\n`

describe('tidemark detect', () => {
  it('writes the rows of each file with what it says of them, in the same layout', async () => {
    const { rows, told } = await detected({
      'a/b/one.csv': csv(series(300, 250)),
      'two.CSV': csv(series(10)),
    })
    const scored = await rows('a/b/one.csv')
    expect(scored).toHaveLength(300)
    expect(Number(scored[250]!.likelihood)).toBeGreaterThan(1 - 1e-6)
    expect(scored[250]).toMatchObject({ timestamp: time(250), value: '500', kind: 'spike' })
    expect(Object.keys(scored[0]!).join()).toBe(
      'timestamp,value,anomaly_score,likelihood,expected,lower,upper,kind',
    )
    expect(await rows('two.CSV')).toHaveLength(10)
    expect(told).toEqual([])
  })

  it('says the same of a row whatever comes after it', async () => {
    const lines = series(400, 300)
    // From the end on, so that each stands in the row of its number.
    lines.splice(350, 0, lines[349]!)
    lines.splice(250, 0, `${time(100)},51`)
    lines.splice(200, 0, `${time(1e6)},51`)
    lines.splice(150, 0, `${time(5_000)},51`, `${time(5_001)},52`)
    const { read, told } = await detected({ 'x.csv': csv(lines) })
    expect(told).toHaveLength(2)
    const whole = (await read('x.csv')).split('\n')
    const odd = [149, 150, 151, 152, 153, 201, 202, 203, 204, 252, 253, 254, 353, 354, 355]
    for (const rows of [1, 32, ...odd, 304, 305, 399]) {
      const part = (await (await detected({ 'x.csv': csv(lines.slice(0, rows + 1)) })).read('x.csv')).split(
        '\n',
      )
      expect(part.slice(0, rows + 1)).toEqual(whole.slice(0, rows + 1))
    }
  })

  it('is not misled by a row from far ahead', async () => {
    const lines = series(300, 250)
    const usual = await (await detected({ 'x.csv': csv(lines) })).rows('x.csv')
    lines.splice(200, 0, `${time(1e6)},51`)
    const { rows, told } = await detected({ 'x.csv': csv(lines) })
    const scored = await rows('x.csv')
    expect(scored.toSpliced(199, 1)).toEqual(usual)
    // It was written before those below were known.
    expect(scored[199]).toMatchObject({ kind: 'missing' })
    expect(told).toEqual([
      'x.csv:201:1: is far ahead of the rows below: what was learnt from it on is forgotten.',
    ])
  })

  it('takes no gap for silence before it knows the series', async () => {
    const lines = series(50)
    lines.splice(6, 20)
    const { rows } = await detected({ 'x.csv': csv(lines) })
    expect(new Set((await rows('x.csv')).map(({ likelihood }) => likelihood))).toEqual(new Set(['0']))
  })

  it('leaves out rows that are late or no numbers, and says so once', async () => {
    const lines = series(300, 250)
    const usual = await (await detected({ 'x.csv': csv(lines) })).rows('x.csv')
    lines.splice(200, 0, `${time(100)},51`, `${time(198)},9000`)
    const { rows, told } = await detected({ 'x.csv': csv(lines) })
    const scored = await rows('x.csv')
    expect(scored.toSpliced(199, 2)).toEqual(usual)
    expect(scored[200]).toMatchObject({ anomaly_score: '0', likelihood: '0' })
    expect(told).toEqual([
      'x.csv:201:1: is not after the time of the row above: the row has no score (1 more like it).',
    ])
  })

  it('goes on when a clock was set back for good', async () => {
    const lines = series(400, 350)
    for (let i = 0; i < 100; i++) lines[1 + i] = lines[1 + i]!.replace(/^[^,]+/, time(100_000 + i))
    const { rows } = await detected({ 'x.csv': csv(lines) })
    expect(Number((await rows('x.csv'))[350]!.likelihood)).toBeGreaterThan(1 - 1e-6)
  })

  it('keeps rows whose cells it can’t read', async () => {
    const lines = series(100)
    lines[50] = `${time(49)},NaN`
    lines[51] = `${time(50)},1e999`
    lines[52] = 'yesterday,50'
    const { rows, told } = await detected({ 'x.csv': csv(lines) })
    expect(await rows('x.csv')).toHaveLength(100)
    expect(told).toEqual([
      'x.csv:51:2: is no finite number: the row has no score (1 more like it).',
      'x.csv:53:1: is no time: the row has no score.',
    ])
  })

  it('keeps other columns, quotes included, and watches the one that is named', async () => {
    const { read } = await detected(
      { 'x.csv': 'timestamp,cpu,note\n2024-01-01T00:00:00Z,5,"a, ""b"""\n' },
      'cpu',
    )
    expect(await read('x.csv')).toBe(
      'timestamp,cpu,note,anomaly_score,likelihood,expected,lower,upper,kind\n2024-01-01T00:00:00Z,5,"a, ""b""",0,0,,,,\n',
    )
  })

  it.each([
    [
      'without the column',
      'timestamp,load\n',
      /x\.csv:1:1: there is no column “value”; there are timestamp, load\.$/,
    ],
    ['that is empty', '', /x\.csv:1:1: the file is empty/],
    ['with a row too short', 'timestamp,value\n2024-01-01,5\n2024-01-02\n', /x\.csv:3:\d+: .*2.*1/],
    ['with a quote that never ends', 'timestamp,value\n2024-01-01,"5\n', /x\.csv:\d+:\d+: /],
  ])('refuses a file %s, and says where', async (_, text, sentence) => {
    const refused = detected({ 'x.csv': text })
    await expect(refused).rejects.toThrow(ConfigurationError)
    await expect(refused).rejects.toThrow(sentence)
  })

  it('ends with status 2 and a sentence when there is nothing to read', async () => {
    const { status, stderr } = await runCommand({ env: {} }, ['detect', '--in', '/nowhere', '--out', root])
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "ENOENT: no such file or directory, stat '/nowhere'.\n",
    })
  })
})
