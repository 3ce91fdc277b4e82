import { BadRecordError } from '../../../../shared/errors.ts'
import { isLong, type numberOfLong } from '../../protobuf/long.ts'
import { listOf, type Message, messageOf } from './message.ts'
import { doubleOf, integerOf, textOf } from './values.ts'

const maxDepth = 20

/** The text of an attribute's value: numbers in decimals, bytes in base64, lists and maps as JSON. Empty when there is none. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return ''
  const any = messageOf(value, 'the value of an attribute')
  if (typeof any.stringValue === 'string') return any.stringValue.toWellFormed()
  if (isLong(any.intValue) && any.intValue.high === 0 && any.intValue.low >= 0)
    return String(any.intValue.low)
  const plain = plainOf(any, 0)
  return typeof plain === 'string' ? plain : plain === null ? '' : JSON.stringify(plain).toWellFormed()
}

/** All attributes, maps in them flattened to dotted names, into `fields`; those that are there already are replaced. */
export function flattenInto(fields: Map<string, string>, attributes: unknown, prefix = '', depth = 0): void {
  requireShallow(depth)
  for (const { key, value } of pairsOf(attributes)) {
    const inner = (value as Message | null | undefined)?.kvlistValue
    if (inner) flattenInto(fields, messageOf(inner, 'a map').values, `${prefix}${key}.`, depth + 1)
    else fields.set(prefix + key, valueText(value))
  }
}

/** All attributes as they are, maps in them as JSON, into `fields`; those that are there already are replaced. */
export function addTo(fields: Map<string, string>, attributes: unknown): void {
  for (const { key, value } of pairsOf(attributes)) fields.set(key, valueText(value))
}

/** At most `limit` attributes; what is beyond them is kept together as JSON in “overflow”. */
export function limited(
  fields: ReadonlyMap<string, string>,
  limit: number,
): Readonly<Record<string, string>> {
  if (fields.size <= limit) return Object.fromEntries(fields)
  const all = [...fields]
  const overflow = JSON.stringify(Object.fromEntries(all.slice(limit)))
  return Object.fromEntries([...all.slice(0, limit), ['overflow', overflow]])
}

/** Keys and values of a list of attributes; the values are as they came. */
export function pairsOf(attributes: unknown): readonly { readonly key: string; readonly value: unknown }[] {
  return listOf(attributes, 'attributes').map((one) => {
    const { key, value } = messageOf(one, 'an attribute')
    return { key: textOf(key, "an attribute's key"), value }
  })
}

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain }

/** A value as JSON has it, but integers beyond 2^53, which stay texts. */
function plainOf(value: unknown, depth: number): Plain {
  requireShallow(depth)
  if (value === undefined || value === null) return null
  const any = messageOf(value, 'a value')
  if (isSet(any.stringValue)) return textOf(any.stringValue, 'stringValue')
  if (isSet(any.intValue)) return plainInteger(any.intValue)
  if (isSet(any.boolValue)) return any.boolValue === true || any.boolValue === 'true'
  if (isSet(any.doubleValue)) {
    const double = doubleOf(any.doubleValue, 'doubleValue')
    return Number.isFinite(double) ? double : String(double)
  }
  if (isSet(any.arrayValue))
    return listOf(messageOf(any.arrayValue, 'arrayValue').values, 'a list').map((one) =>
      plainOf(one, depth + 1),
    )
  if (isSet(any.kvlistValue)) {
    const pairs = pairsOf(messageOf(any.kvlistValue, 'kvlistValue').values)
    return Object.fromEntries(pairs.map(({ key, value }) => [key, plainOf(value, depth + 1)]))
  }
  const { bytesValue } = any
  return bytesValue instanceof Uint8Array
    ? Buffer.from(bytesValue).toString('base64')
    : isSet(bytesValue)
      ? textOf(bytesValue, 'bytesValue')
      : null
}

function plainInteger(value: unknown): number | string {
  const number = integerOf(value, 'intValue')
  if (Number.isSafeInteger(number)) return number
  return isLong(value) ? longText(value) : String(value)
}

const longText = (value: Parameters<typeof numberOfLong>[0]) =>
  ((BigInt(value.high) << 32n) | BigInt(value.low >>> 0)).toString()

const isSet = (value: unknown) => value !== undefined && value !== null

function requireShallow(depth: number): void {
  if (depth > maxDepth)
    throw new BadRecordError('too_deep', `a value is nested deeper than ${maxDepth} levels`)
}
