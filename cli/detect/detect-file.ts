import type { SeriesDetectorKind, Verdict } from '../../services/detector/series-detector.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { type CsvRow, csvLine } from './csv.ts'
import { RowJudge } from './row-judge.ts'
import { timestampOf } from './timestamp.ts'

const added = ['anomaly_score', 'likelihood', 'expected', 'lower', 'upper', 'kind']
const timeColumn = 'timestamp'

/**
 * The rows of a CSV with what the detector says of each, line by line. A row's verdict depends on it and those above. Rows
 * that can't be judged stay, with a score of 0; `warn` is told of each, and of those that rows below have shown to be wrong.
 * Throws ConfigurationError for a header without the columns that are needed.
 */
export async function* detect(
  file: string,
  rows: AsyncIterable<CsvRow>,
  valueColumn: string,
  kind: SeriesDetectorKind,
  warn: (warning: Warning) => void,
): AsyncGenerator<string> {
  let columns: Columns | undefined
  const judge = new RowJudge(kind, ({ line, why }) =>
    warn({ line, column: 1 + (columns?.time ?? 0), ...reasons[why] }),
  )
  for await (const { line, cells } of rows) {
    if (!columns) {
      columns = columnsOf(file, cells, valueColumn)
      yield csvLine([...columns.kept.map((i) => cells[i]!), ...added])
      continue
    }
    const time = timestampOf(cells[columns.time]!.trim())
    const text = cells[columns.value]!.trim()
    const value = text === '' ? Number.NaN : Number(text)
    if (time === undefined) warn({ line, column: columns.time + 1, what: 'is no time', effect: noScore })
    else if (!Number.isFinite(value))
      warn({ line, column: columns.value + 1, what: 'is no finite number', effect: noScore })
    const verdict = time === undefined ? undefined : judge.judge(line, time, value)
    yield csvLine([...columns.kept.map((i) => cells[i]!), ...cellsOf(verdict)])
  }
  if (!columns)
    throw new ConfigurationError(
      `${file}:1:1: the file is empty; a header with “${timeColumn}” and “${valueColumn}” is needed.`,
    )
}

/** Something of a row that was left out of the series. */
export interface Warning {
  readonly line: number
  readonly column: number
  /** Says the rest of the sentence that begins with the cell. */
  readonly what: string
  /** What comes of it. */
  readonly effect: string
}

const noScore = 'the row has no score'

const reasons = {
  late: { what: 'is not after the time of the row above', effect: noScore },
  // By then it is written.
  ahead: { what: 'is far ahead of the rows below', effect: 'what was learnt from it on is forgotten' },
} as const

interface Columns {
  readonly time: number
  readonly value: number
  /** All but what an earlier run has added. */
  readonly kept: readonly number[]
}

function columnsOf(file: string, header: readonly string[], valueColumn: string): Columns {
  const names = header.map((name) => name.trim())
  const indexOf = (name: string) => {
    const index = names.indexOf(name)
    if (index >= 0) return index
    throw new ConfigurationError(`${file}:1:1: there is no column “${name}”; there are ${names.join(', ')}.`)
  }
  const time = indexOf(timeColumn)
  const value = indexOf(valueColumn)
  const kept = names.flatMap((name, i) => (added.includes(name) && i !== value ? [] : [i]))
  return { time, value, kept }
}

function cellsOf(verdict: Verdict | undefined): readonly string[] {
  if (!verdict) return ['0', '0', '', '', '', '']
  const { score, likelihood, expected, lower, upper, kind } = verdict
  const isUnusual = score > 0 || likelihood > 0
  return [score, likelihood, expected, lower, upper]
    .map((value) => (Number.isFinite(value) ? String(value) : ''))
    .concat(isUnusual ? kind : '')
}
