import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { readCsv } from '../../cli/detect/csv.ts'
import { timestampOf } from '../../cli/detect/timestamp.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import type { LabelledFile, LabelWindow } from './scoring.ts'

/** A file of the Numenta Anomaly Benchmark: `data/<category>/<name>.csv` and its labels. */
export interface CorpusFile extends LabelledFile {
  /** Category and name. */
  readonly name: string
  readonly times: Float64Array
  readonly values: Float64Array
  /** Of each row, in the file. */
  readonly lines: Int32Array
}

type Labels = Readonly<Record<string, readonly (readonly [string, string])[]>>

/** Reads a corpus folder; the parts that are there, where some are kept aside. Throws ConfigurationError for what is none. */
export async function readCorpus(folder: string): Promise<readonly CorpusFile[]> {
  const labels = readLabels(join(folder, 'labels', 'combined_windows.json'))
  const data = join(folder, 'data')
  const names = namesIn(data)
  const files: CorpusFile[] = []
  for (const name of names) {
    const windows = labels[name]
    if (!windows) throw new ConfigurationError(`The corpus ${folder} has no labels of ${name}.`)
    files.push(await readFileOf(join(data, name), name, windows))
  }
  return files
}

function namesIn(data: string): readonly string[] {
  const names = refusing(() => readdirSync(data, { recursive: true, encoding: 'utf8' }))
    .filter((name) => name.endsWith('.csv'))
    .map((name) => relative('.', name).split(sep).join('/'))
    .sort()
  if (names.length === 0) throw new ConfigurationError(`There is no file that ends in .csv in ${data}.`)
  return names
}

const readLabels = (file: string) => refusing(() => JSON.parse(readFileSync(file, 'utf8')) as Labels)

async function readFileOf(file: string, name: string, windows: Labels[string]): Promise<CorpusFile> {
  const times: number[] = []
  const values: number[] = []
  const lines: number[] = []
  for await (const { line, cells } of readCsv(file)) {
    const time = timestampOf(cells[0] ?? '')
    if (time === undefined && lines.length === 0 && times.length === 0 && cells[0] === 'timestamp') continue
    if (time === undefined) throw new ConfigurationError(`${file}:${line}:1: is no time.`)
    times.push(time)
    values.push(Number(cells[1]))
    lines.push(line)
  }
  return {
    name,
    rows: times.length,
    times: Float64Array.from(times),
    values: Float64Array.from(values),
    lines: Int32Array.from(lines),
    windows: windows!
      .map(([first, last]) => rowsOf(file, times, first, last))
      .sort((a, b) => a.first - b.first),
  }
}

function rowsOf(file: string, times: readonly number[], from: string, to: string): LabelWindow {
  const [start, end] = [timestampOf(from), timestampOf(to)]
  const isWithin = (time: number) => time >= start! && time <= end!
  const window = { first: times.findIndex(isWithin), last: times.findLastIndex(isWithin) }
  if (window.first < 0)
    throw new ConfigurationError(`No row of ${file} is in the window ${from} to ${to} of its labels.`)
  return window
}

function refusing<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new ConfigurationError(`This is no corpus: ${(error as Error).message}.`, { cause: error })
  }
}
