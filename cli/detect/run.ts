import { createWriteStream } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { SeriesDetectorKind } from '../../services/detector/series-detector.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { readCsv } from './csv.ts'
import { detect, type Warning } from './detect-file.ts'

export interface DetectRequest {
  /** A CSV, or a folder that is searched for such. */
  readonly in: string
  /** A folder: results lie in it as the files in theirs. */
  readonly out: string
  /** The column that is watched. */
  readonly value: string
}

/**
 * Writes, for each CSV, the same rows with what the detector says of them. Tells, in a sentence a file, what was left
 * out. Throws ConfigurationError for what can't be read or written.
 */
export async function detectFiles(
  { in: from, out, value }: DetectRequest,
  kind: SeriesDetectorKind,
  tell: (sentence: string) => void,
): Promise<number> {
  const files = await filesIn(from, out)
  for (const name of files.names) {
    const file = join(files.folder, name)
    const target = join(out, name)
    if (resolve(target) === resolve(file))
      throw new ConfigurationError(`${file} would be written over: choose another folder for --out.`)
    const warnings = new Map<string, { readonly first: Warning; count: number }>()
    const warn = (warning: Warning) => {
      const known = warnings.get(warning.what)
      if (known) known.count++
      else warnings.set(warning.what, { first: warning, count: 1 })
    }
    await refusing(async () => {
      await mkdir(dirname(target), { recursive: true })
      await pipeline(detect(file, readCsv(file), value, kind, warn), createWriteStream(target))
    })
    for (const { first, count } of warnings.values())
      tell(
        `${file}:${first.line}:${first.column}: ${first.what}: ${first.effect}${count > 1 ? ` (${count - 1} more like it)` : ''}.`,
      )
  }
  return files.names.length
}

async function filesIn(from: string, out: string) {
  const found = await refusing(() => stat(from))
  if (!found.isDirectory()) return { folder: dirname(from), names: [basename(from)] }
  const entries = await refusing(() => readdir(from, { recursive: true, withFileTypes: true }))
  const names = entries
    .filter((entry) => entry.isFile() && entry.name.toLowerCase().endsWith('.csv'))
    .map((entry) => relative(from, join(entry.parentPath, entry.name)))
    // What an earlier run has written is no input.
    .filter(
      (name) => !`${resolve(from, name)}`.startsWith(resolve(out) + sep) || resolve(out) === resolve(from),
    )
    .sort()
  if (names.length === 0) throw new ConfigurationError(`There is no file that ends in .csv in ${from}.`)
  return { folder: from, names }
}

async function refusing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // What the system says names the file.
    if (code && /^E[A-Z]+$/.test(code)) throw new ConfigurationError(`${message}.`, { cause: error })
    throw error
  }
}
