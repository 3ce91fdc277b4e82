import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { ConfigurationError } from '../errors.ts'
import { withoutPassword } from './describe.ts'
import { readEnvironment, variableOf } from './environment.ts'
import { type ConfigFile, placeOf, readFile, readSecret, type Values } from './file.ts'
import { nearest } from './nearest.ts'
import { type Section, type SectionConfig, type Setting, settingsOf } from './section.ts'
import { sectionNames } from './section-names.ts'

export interface ConfigSource {
  /** By default what TIDEMARK_CONFIG names, else tidemark.yaml in `cwd`, if there is one. */
  readonly file?: string
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

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
  const file = readFile(source.file ?? (env.TIDEMARK_CONFIG || undefined), cwd)
  checkTopLevel(file)
  const environment = readEnvironment(list, env)
  const config: Record<string, unknown> = {}
  const mistakes: string[] = []
  for (const [key, section] of Object.entries(sections)) {
    const values = withoutNulls(file?.values[section.name] ?? {}) as Values
    mistakes.push(...secretsIn(section, values, file))
    if (file) readSecretFiles(section, values, file)
    for (const { setting, value } of environment)
      if (setting.path[0] === section.name) assign(values, setting.path.slice(1), value)
    const result = section.schema.safeParse(values)
    if (result.success) config[key] = result.data
    else mistakes.push(...describe(result.error, section, values, file, environment))
  }
  if (mistakes.length > 0) throw new ConfigurationError(together(mistakes))
  return config as { [K in keyof S]: SectionConfig<S[K]> }
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

/** A key without a value, as in a file with half of its lines commented out, is a key that is not set. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, below]) => (below === null ? [] : [[key, withoutNulls(below)]])),
  )
}

/** Secrets in a file that is copied around and committed are secrets no longer: a sentence for each. They are taken out. */
function secretsIn(section: Section, values: Values, file: ConfigFile | undefined): readonly string[] {
  return settingsOf(section).flatMap(({ path, secret }) => {
    if (!secret || get(values, path.slice(1)) === undefined) return []
    const variable = variableOf(path)
    assign(values, path.slice(1), undefined)
    return [
      `${placeOf(file!, path)}: ${path.join('.')} is a secret: give it in ${variable}, in a file named by ${variable}_FILE, or in one named by ${path.join('.')}File here.`,
    ]
  })
}

/** `passwordFile` beside a secret `password` is the path, from the configuration file's folder, of a file that holds it. */
function readSecretFiles(section: Section, values: Values, file: ConfigFile): void {
  for (const { path, secret } of settingsOf(section)) {
    const key = `${path.at(-1)}File`
    const parent = get(values, path.slice(1, -1))
    if (!secret || typeof parent !== 'object' || parent === null) continue
    const named = (parent as Values)[key]
    if (typeof named !== 'string') continue
    delete (parent as Values)[key]
    const place = [...path.slice(0, -1), key]
    const secretText = readSecret(
      resolve(dirname(file.path), named),
      `${placeOf(file, place)}: ${place.join('.')}`,
    )
    assign(values, path.slice(1), secretText)
  }
}

function describe(
  { issues }: z.ZodError,
  section: Section,
  values: Values,
  file: ConfigFile | undefined,
  environment: ReturnType<typeof readEnvironment>,
): readonly string[] {
  const known = settingsOf(section)
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const path = [section.name, ...issue.path.map(String), key]
        const siblings = known
          .filter((setting) => path.slice(0, -1).every((parent, index) => parent === setting.path[index]))
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
    return [
      `${where(path, file, environment)}: ${path.join('.')} is wrong: ${issue.message}${found(get(values, path.slice(1)), path, known)}${hint}.`,
    ]
  })
}

/** What stands there, on one line and not too long, unless it is or holds a secret. */
function found(value: unknown, path: readonly string[], known: readonly Setting[]): string {
  const touchesSecret = known.some(
    ({ path: one, secret }) =>
      secret && path.every((key, index) => index >= one.length || key === one[index]),
  )
  const text = JSON.stringify(withoutPassword(value))
  if (text === undefined || touchesSecret) return ''
  return `, found ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`
}

function together([first = '', ...more]: readonly string[]): string {
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
  else {
    values[key!] ??= {}
    const below = values[key!]
    // A scalar where a map belongs is told by the check of the whole section.
    if (typeof below === 'object') assign(below as Values, rest, value)
  }
}

/** Whether the file or the environment gives this setting, whatever its default. */
export function isConfigured(path: readonly string[], source: Partial<ConfigSource> = {}): boolean {
  const { env = process.env, cwd = process.cwd() } = source
  return (
    env[variableOf(path)] !== undefined ||
    get(readFile(source.file ?? (env.TIDEMARK_CONFIG || undefined), cwd)?.values, path) !== undefined
  )
}
