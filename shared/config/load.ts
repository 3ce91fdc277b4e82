import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Document, isMap, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { ConfigurationError } from '../errors.ts'
import { readEnvironment, variableOf } from './environment.ts'
import { nearest } from './nearest.ts'
import { type Section, type SectionConfig, settingsOf } from './section.ts'
import { sectionNames } from './section-names.ts'

export interface ConfigSource {
  /** By default what TIDEMARK_CONFIG names, else tidemark.yaml in `cwd`, if there is one. */
  readonly file?: string
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

type Values = Record<string, unknown>

/**
 * The configuration of these sections, keyed by their names: defaults, then the file, then the environment. Throws
 * ConfigurationError with a sentence that names the wrong key or value and where it stands.
 */
export function loadConfig<S extends Readonly<Record<string, Section>>>(
  sections: S,
  source: Partial<ConfigSource> = {},
): { readonly [K in keyof S]: SectionConfig<S[K]> } {
  const { env = process.env, cwd = process.cwd() } = source
  const list = Object.values(sections)
  const file = readFile(source.file ?? env.TIDEMARK_CONFIG, cwd)
  checkTopLevel(file)
  const environment = readEnvironment(list, env)
  const config: Record<string, unknown> = {}
  for (const [key, section] of Object.entries(sections)) {
    const values = structuredClone((file?.values[section.name] ?? {}) as Values)
    refuseSecrets(section, values, file)
    for (const { setting, value } of environment)
      if (setting.path[0] === section.name) assign(values, setting.path.slice(1), value)
    const result = section.schema.safeParse(values)
    if (!result.success) throw new ConfigurationError(describe(result.error, section, file, environment))
    config[key] = result.data
  }
  return config as { [K in keyof S]: SectionConfig<S[K]> }
}

interface ConfigFile {
  readonly path: string
  readonly values: Values
  readonly document: Document
  readonly lines: LineCounter
}

function readFile(named: string | undefined, cwd: string): ConfigFile | undefined {
  const path = resolve(cwd, named ?? 'tidemark.yaml')
  if (!existsSync(path)) {
    if (named === undefined) return undefined
    throw new ConfigurationError(`The configuration file ${path} does not exist.`)
  }
  const lines = new LineCounter()
  const document = parseDocument(readFileSync(path, 'utf8'), { lineCounter: lines })
  const [error] = document.errors
  if (error) throw new ConfigurationError(`${path} is not valid YAML: ${error.message}`)
  if (document.contents !== null && !isMap(document.contents)) {
    throw new ConfigurationError(`${path} must be a map of sections, such as "kafka:", at its top.`)
  }
  return { path, values: (document.toJS() ?? {}) as Values, document, lines }
}

/** A file is for all services: the sections of others are passed over, but only those that exist. */
function checkTopLevel(file: ConfigFile | undefined): void {
  for (const [key, value] of Object.entries(file?.values ?? {})) {
    const at = placeOf(file!, [key])
    if (!sectionNames.includes(key))
      throw new ConfigurationError(`${at}: there is no section "${key}"${suggestion(key, sectionNames)}`)
    if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      throw new ConfigurationError(`${at}: the section "${key}" must be a map of settings.`)
    }
  }
}

/** Secrets in a file that is copied around and committed are secrets no longer. */
function refuseSecrets(section: Section, values: Values, file: ConfigFile | undefined): void {
  for (const { path, secret } of settingsOf(section)) {
    if (secret && get(values, path.slice(1)) !== undefined) {
      const variable = variableOf(path)
      throw new ConfigurationError(
        `${placeOf(file!, path)}: ${path.join('.')} is a secret: give it in ${variable} or in a file named by ${variable}_FILE.`,
      )
    }
  }
}

function describe(
  { issues }: z.ZodError,
  section: Section,
  file: ConfigFile | undefined,
  environment: ReturnType<typeof readEnvironment>,
): string {
  const known = settingsOf(section)
  const sentences = issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const path = [section.name, ...issue.path.map(String), key]
        const siblings = known
          .filter((setting) => setting.path.length >= path.length)
          .map((setting) => setting.path[path.length - 1]!)
        return `${where(path, file, environment)}: there is no setting "${path.join('.')}"${suggestion(key, [...new Set(siblings)])}`
      })
    }
    const path = [section.name, ...issue.path.map(String)]
    const setting = known.find((one) => one.path.join('.') === path.join('.'))
    const hint =
      setting && !setting.secret && setting.example !== undefined
        ? `, such as ${JSON.stringify(setting.example)}`
        : ''
    return [`${where(path, file, environment)}: ${path.join('.')} is wrong: ${issue.message}${hint}.`]
  })
  const [first = '', ...more] = sentences
  return more.length === 0
    ? first
    : `${first}\nAnd ${more.length} more:\n${more.map((sentence) => `  ${sentence}`).join('\n')}`
}

function where(
  path: readonly string[],
  file: ConfigFile | undefined,
  environment: ReturnType<typeof readEnvironment>,
): string {
  const variable = environment.find(
    ({ setting }) => path.slice(0, setting.path.length).join('.') === setting.path.join('.'),
  )
  if (variable) return `In the environment variable ${variable.variable}`
  return file ? placeOf(file, path) : 'In the configuration'
}

/** `file:line` of a key, or of the nearest one above it. */
function placeOf({ path: name, document, lines }: ConfigFile, path: readonly string[]): string {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true)
    if (!isMap(parent)) continue
    const pair = parent.items.find(({ key }) => String(key) === path[depth - 1])
    const offset = (pair?.key as { range?: readonly number[] } | undefined)?.range?.[0]
    if (offset !== undefined) return `${name}:${lines.linePos(offset).line}`
  }
  return name
}

const suggestion = (word: string, candidates: readonly string[]) => {
  const hint = nearest(word, candidates)
  return hint ? `: did you mean "${hint}"?` : '.'
}

function get(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? (value as Values)[key] : undefined),
    values,
  )
}

function assign(values: Values, [key, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) values[key!] = value
  else assign((values[key!] ??= {}) as Values, rest, value)
}
