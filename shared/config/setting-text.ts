import { stringify } from 'yaml'
import { z } from 'zod'
import { variableOf } from './environment.ts'
import type { Setting } from './section.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** What a setting takes, in words: "whole number from 20 to 10,000", "`none`, `plain` or `scram`", "list of text". */
export function kindOf({ schema }: Setting): string {
  return kind(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

/** A value as it stands on one line of a YAML file. */
function yamlValue(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd()
}

/** The default, or undefined where there is none to show. */
export function defaultText(setting: Setting): string | undefined {
  return setting.secret || setting.default === undefined ? undefined : yamlValue(setting.default)
}

/** The example, unless it tells no more than the default does. */
export function exampleText(setting: Setting): string | undefined {
  if (setting.secret || setting.example === undefined) return undefined
  const text = yamlValue(setting.example)
  return text === defaultText(setting) ? undefined : text
}

/** The environment variables that give a setting: a secret may also stand in a file. */
export function variablesOf({ path, secret }: Setting): readonly string[] {
  const variable = variableOf(path)
  return secret ? [variable, `${variable}_FILE`] : [variable]
}

function kind(schema: JsonSchema): string {
  if (schema.enum) return listed(schema.enum.map((value) => `\`${value}\``))
  if (schema.const !== undefined) return `\`${schema.const}\``
  const options = schema.anyOf ?? schema.oneOf
  if (options) return options.map(below).join(' or ')
  switch (schema.type) {
    case 'integer':
    case 'number':
      return numberKind(schema)
    case 'boolean':
      return '`true` or `false`'
    case 'array':
      return `list of ${Array.isArray(schema.items) ? 'values' : below(schema.items)}`
    case 'object':
      return `map of names to ${below(schema.additionalProperties)}`
    case 'string':
      return schema.format === 'uri' ? 'URL' : 'text'
    default:
      return 'value'
  }
}

const listed = (words: readonly string[]) => words.join(', ').replace(/, (?=[^,]*$)/, ' or ')

const below = (schema: JsonSchema | boolean | undefined) =>
  typeof schema === 'object' ? kind(schema) : 'value'

function numberKind({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const name = type === 'integer' ? 'whole number' : 'number'
  const least = bounded(minimum)
  const most = bounded(maximum)
  if (least !== undefined && most !== undefined) return `${name} from ${least} to ${most}`
  const limits = [
    least !== undefined && `at least ${least}`,
    most !== undefined && `at most ${most}`,
    typeof exclusiveMinimum === 'number' && `above ${amount(exclusiveMinimum)}`,
    typeof exclusiveMaximum === 'number' && `below ${amount(exclusiveMaximum)}`,
  ].filter((limit) => limit !== false)
  return [name, ...limits].join(', ')
}

/** The safe integers' own ends are nobody's bound. */
const bounded = (value: number | undefined) =>
  value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : amount(value)

const amount = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 20 })
