import { BadRecordError } from '../../../../shared/errors.ts'
import type { Payload } from '../../payload.ts'
import { isObject } from '../telegraf-json.ts'
import type { Levels, Message } from './message.ts'

/** Whether this is JSON of the signal whose outermost list has this name. Never throws. */
export function isJsonOf(payload: Payload, resources: string): boolean {
  if (!payload.looksLikeJson) return false
  const json = payload.jsonOrNothing()
  const first: unknown = Array.isArray(json) ? json[0] : json
  return isObject(first) && (Object.hasOwn(first, resources) || Object.hasOwn(first, snakeCase(resources)))
}

/** The messages of a payload: one, or one a line. Throws BadRecordError when they are not of this signal. */
export function jsonMessages(payload: Payload, { resources }: Levels): readonly Message[] {
  const json = payload.json()
  return (Array.isArray(json) ? json : [json]).map((one: unknown) => {
    if (isObject(one) && Object.hasOwn(one, resources)) return one
    if (isObject(one) && Object.hasOwn(one, snakeCase(resources))) return camelCased(one, 0) as Message
    throw new BadRecordError('unparseable', `the JSON has no “${resources}”`)
  })
}

const maxDepth = 200

/** Names in messages are never a stranger's: attributes are lists of keys and values. So all can be renamed. */
function camelCased(value: unknown, depth: number): unknown {
  if (depth > maxDepth)
    throw new BadRecordError('too_deep', `the JSON is nested deeper than ${maxDepth} levels`)
  if (Array.isArray(value)) return value.map((one) => camelCased(one, depth + 1))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      camelCased(inner, depth + 1),
    ]),
  )
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
