import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import type { Document, LineCounter } from 'yaml'
import { ConfigurationError } from '../errors.ts'

const require = createRequire(import.meta.url)

/** Loaded with the first file: in a container there often is none. */
const yaml = () => require('yaml') as typeof import('yaml')

/** Keys to values, sections at the top. */
export type Values = Record<string, unknown>

export interface ConfigFile {
  readonly path: string
  readonly values: Values
  readonly document: Document
  readonly lines: LineCounter
}

/** The file that is named, else tidemark.yaml if there is one. Throws ConfigurationError when it can't be read. */
export function readFile(named: string | undefined, cwd: string): ConfigFile | undefined {
  const path = resolve(cwd, named ?? 'tidemark.yaml')
  if (!existsSync(path)) {
    if (named === undefined) return undefined
    throw new ConfigurationError(`The configuration file ${path} does not exist.`)
  }
  const { isMap, LineCounter, parseDocument } = yaml()
  const lines = new LineCounter()
  const document = parseDocument(readText(path), { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  // The parser's own pretty messages quote the line, which may hold a secret that does not belong there.
  if (error)
    throw new ConfigurationError(
      `${path}:${lines.linePos(error.pos[0]).line} is not valid YAML: ${error.message}.`,
    )
  if (document.contents !== null && !isMap(document.contents)) {
    throw new ConfigurationError(`${path} must be a map of sections, such as "kafka:", at its top.`)
  }
  return { path, values: toValues(document, path), document, lines }
}

/** The text of a file, or a ConfigurationError that names it. */
function readText(path: string, namedBy = 'The configuration'): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigurationError(
      `${namedBy} names the file ${path}, which can't be read: ${messageOf(error)}`,
    )
  }
}

/** The text of a file that holds a secret, without the newline that editors put at the end. */
export const readSecret = (path: string, namedBy: string) => readText(path, namedBy).replace(/\r?\n$/, '')

/** Only here does the parser notice aliases that lead nowhere or grow without end. */
function toValues(document: Document, path: string): Values {
  try {
    return document.toJS() ?? {}
  } catch (error) {
    throw new ConfigurationError(`${path} is not valid YAML: ${messageOf(error)}.`)
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** `file:line` of a key, or of the nearest one above it. */
export function placeOf({ path: name, document, lines }: ConfigFile, path: readonly string[]): string {
  const { isMap } = yaml()
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    if (!isMap(parent)) continue
    const pair = parent.items.find(({ key }) => String(key) === path[depth - 1])
    const offset = (pair?.key as { range?: readonly number[] } | undefined)?.range?.[0]
    if (offset !== undefined) return `${name}:${lines.linePos(offset).line}`
  }
  return name
}
