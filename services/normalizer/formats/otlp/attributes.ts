import { BadRecordError } from '../../../../shared/errors.ts'
import { isLong, type numberOfLong } from '../../protobuf/long.ts'
import { Attributes } from '../parts/attributes.ts'
import { listOf, type Message, messageOf } from './message.ts'
import { doubleOf, integerOf, textOf } from './values.ts'

const maxDepth = 20

/** Of the names of maps within each other, in characters: each attribute in them has them in its own. */
const maxPrefixLength = 4_096

/** One attribute. In protobuf those that repeat are one object, so what is found out of it once is kept. */
export class Attribute {
  readonly key: string
  /** As it came. */
  readonly value: unknown
  /** Given by MetricSeries. */
  number: number | undefined
  #text: string | undefined

  /** Throws BadRecordError when the message is no attribute. */
  constructor(message: unknown) {
    const { key, value } = messageOf(message, 'an attribute')
    this.key = textOf(key, "an attribute's key")
    this.value = value
  }

  /** Of its value. Throws BadRecordError when it can't be read. */
  get text(): string {
    this.#text ??= valueText(this.value)
    return this.#text
  }
}

/** Of a list of attributes. Throws BadRecordError when it is none. */
export function attributesOf(list: unknown): readonly Attribute[] {
  const attributes = listOf(list, 'attributes')
  return attributes[0] instanceof Attribute
    ? (attributes as readonly Attribute[])
    : attributes.map((message) => new Attribute(message))
}

/** The text of a value: numbers in decimals, bytes in base64, lists and maps as JSON. Empty when there is none. */
export function valueText(value: unknown): string {
  const plain = plainOf(value, 0)
  return typeof plain === 'string' ? plain : plain === null ? '' : JSON.stringify(plain).toWellFormed()
}

/** All attributes, maps in them flattened to dotted names, into `fields`; those that are there already are replaced. */
export function flattenInto(fields: Map<string, string>, attributes: unknown, prefix = '', depth = 0): void {
  requireShallow(depth)
  if (prefix.length > maxPrefixLength)
    throw new BadRecordError(
      'name_too_long',
      `the name of a map is longer than ${maxPrefixLength} characters`,
    )
  for (const attribute of attributesOf(attributes)) {
    const { key, value } = attribute
    const inner = (value as Message | null | undefined)?.kvlistValue
    if (inner) flattenInto(fields, messageOf(inner, 'a map').values, `${prefix}${key}.`, depth + 1)
    else fields.set(prefix + key, attribute.text)
  }
}

/** All attributes as they are, maps in them as JSON, into `fields`; those that are there already are replaced. */
export function addTo(fields: Map<string, string>, attributes: unknown): void {
  for (const attribute of attributesOf(attributes)) fields.set(attribute.key, attribute.text)
}

/** At most `limit` attributes; what is beyond them is kept together as JSON in “overflow”. */
export function limited(fields: ReadonlyMap<string, string>, limit: number): Attributes {
  const attributes = new Attributes(limit)
  for (const [name, text] of fields) attributes.set(name, text)
  return attributes
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
    const pairs = attributesOf(messageOf(any.kvlistValue, 'kvlistValue').values)
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
