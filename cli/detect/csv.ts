import { createReadStream } from 'node:fs'
import { CsvError, parse } from 'csv-parse'
import { ConfigurationError } from '../../shared/errors.ts'

/** A row of a CSV as it stands there. */
export interface CsvRow {
  /** In the file, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** The header, then each row. Throws ConfigurationError with file, line and column for what is no CSV. */
export async function* readCsv(file: string): AsyncGenerator<CsvRow> {
  const parser = createReadStream(file).pipe(
    parse({ bom: true, skip_empty_lines: true, relax_quotes: true, info: true, max_record_size: 1 << 20 }),
  )
  try {
    for await (const { record, info } of parser as AsyncIterable<Parsed>)
      yield { line: info.lines, cells: record }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const { lines = 0, column } = error as { lines?: number; column?: number | string }
    throw new ConfigurationError(`${file}:${lines}:${Number(column ?? 0) + 1}: ${error.message}.`, {
      cause: error,
    })
  }
}

interface Parsed {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

/** A line of CSV (RFC 4180). */
export const csvLine = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\n`

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
