import { z } from 'zod'
import { ConfigurationError } from '../errors.ts'
import { readSecret } from './file.ts'
import { nearest } from './nearest.ts'
import { type Section, type Setting, settingsOf } from './section.ts'
import { sectionNames } from './section-names.ts'

const prefix = 'TIDEMARK_'

/** Variables that are not settings of the file: where it is, and how the local servers are started. */
const others = /^TIDEMARK_(CONFIG|STACK(_\w+)?|\w+_PORT_PUBLISHED)$/

/** `TIDEMARK_KAFKA_SASL_USERNAME` of kafka.sasl.username. */
export function variableOf(path: readonly string[]): string {
  return (
    prefix +
    path
      .map((key) =>
        key
          .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
          .replaceAll('-', '_')
          .toUpperCase(),
      )
      .join('_')
  )
}

interface EnvironmentValue {
  readonly setting: Setting
  readonly variable: string
  readonly value: unknown
}

/**
 * The settings that environment variables give. A secret may come as `…_FILE`, the path of a file that holds it.
 * Throws ConfigurationError for a variable that looks like a setting of these sections and is none, and for a value
 * of the wrong kind.
 */
export function readEnvironment(
  sections: readonly Section[],
  env: NodeJS.ProcessEnv,
): readonly EnvironmentValue[] {
  const settings = new Map(sections.flatMap(settingsOf).map((setting) => [variableOf(setting.path), setting]))
  const loaded = sections.map(({ name }) => name)
  const values: EnvironmentValue[] = []
  for (const [variable, text = ''] of Object.entries(env)) {
    const direct = settings.get(variable)
    const fromFile = variable.endsWith('_FILE') ? settings.get(variable.slice(0, -'_FILE'.length)) : undefined
    if (fromFile?.secret && variableOf(fromFile.path) in env) {
      throw new ConfigurationError(`Set ${variableOf(fromFile.path)} or ${variable}, not both.`)
    }
    if (direct) values.push({ setting: direct, variable, value: parse(text, direct, variable) })
    else if (fromFile?.secret) values.push({ setting: fromFile, variable, value: readSecret(text, variable) })
    else if (belongsToOneOf(loaded, variable) && !others.test(variable)) {
      const hint = nearest(variable, [...settings.keys()])
      throw new ConfigurationError(
        `The environment variable ${variable} is not a setting${hint ? `: did you mean ${hint}?` : '.'}`,
      )
    }
  }
  return values
}

/** Whether a variable is of one of these sections, and not of another with a longer name: influx, influx-sink. */
function belongsToOneOf(loaded: readonly string[], variable: string): boolean {
  const [longest] = [...new Set([...loaded, ...sectionNames])]
    .filter((name) => variable.startsWith(`${variableOf([name])}_`))
    .sort((one, other) => other.length - one.length)
  return longest !== undefined && loaded.includes(longest)
}

/** Lists of text and of numbers are comma separated, lists of maps are JSON. */
function parseList(text: string, { element }: z.ZodArray, variable: string): readonly unknown[] {
  if (element instanceof z.ZodObject) {
    try {
      return JSON.parse(text) as readonly unknown[]
    } catch (error) {
      throw new ConfigurationError(`${variable} must be a list in JSON: ${(error as Error).message}.`)
    }
  }
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  return element instanceof z.ZodNumber ? parts.map(Number) : parts
}

/** Text to the kind of value that the setting wants; whether it is in range is checked with the whole section. */
function parse(text: string, { schema }: Setting, variable: string): unknown {
  if (schema instanceof z.ZodNumber) {
    if (!/^-?\d+(\.\d+)?$/.test(text.trim()))
      throw new ConfigurationError(`${variable} must be a number, not "${text}".`)
    return Number(text)
  }
  if (schema instanceof z.ZodBoolean) {
    if (text !== 'true' && text !== 'false')
      throw new ConfigurationError(`${variable} must be true or false, not "${text}".`)
    return text === 'true'
  }
  if (schema instanceof z.ZodArray) return parseList(text, schema, variable)
  if (schema instanceof z.ZodRecord) {
    return Object.fromEntries(
      text
        .split(',')
        .filter((pair) => pair.trim() !== '')
        .map((pair) => {
          const [key, value, more] = pair.split('=').map((part) => part.trim())
          if (!key || !value || more !== undefined)
            throw new ConfigurationError(
              `${variable} must be a list such as key=value,key=value, not "${text}".`,
            )
          return [key, value]
        }),
    )
  }
  return text
}
