import { BadRecordError } from '../../../../shared/errors.ts'
import { isLong, numberOfLong } from '../../protobuf/long.ts'
import { listOf, type Message, messageOf } from '../otlp/message.ts'
import { enumOf, integerOf, textOf } from '../otlp/values.ts'
import { durationOfNanos, type Moment, momentOf, momentOfMicros } from '../spans/moments.ts'
import { tagText } from '../spans/tag-text.ts'

/** Key and text of each tag. Throws BadRecordError when they are no tags. */
export function tagsOf(list: unknown): Map<string, string> {
  const tags = new Map<string, string>()
  for (const one of listOf(list, 'tags')) {
    const tag = messageOf(one, 'a tag')
    tags.set(textOf(tag.key, "a tag's key"), valueText(tag))
  }
  return tags
}

/** The fields of which one has the value, in the order of ValueType. */
const valueFields = ['vStr', 'vBool', 'vInt64', 'vFloat64', 'vBinary']
const valueTypes = ['STRING', 'BOOL', 'INT64', 'FLOAT64', 'BINARY']

/** The API has a tag's value under one name, the model under one name a type. Bytes are in base64. */
function valueText(tag: Message): string {
  if (Object.hasOwn(tag, 'value')) return tagText(tag.value)
  const type = enumOf(tag.vType, '', valueTypes)
  const value = tag[valueFields[type] ?? '']
  if (isLong(value)) return longText(value)
  if (Buffer.isBuffer(value)) return value.toString('base64')
  // JSON of protobuf leaves out what is false or zero.
  return value === undefined ? (['', 'false', '0', '0'][type] ?? '') : tagText(value)
}

function longText(long: Parameters<typeof numberOfLong>[0]): string {
  const number = numberOfLong(long)
  if (Number.isSafeInteger(number)) return String(number)
  return ((BigInt(long.high) << 32n) | BigInt(long.low >>> 0)).toString()
}

const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/

/**
 * From microseconds since 1970 (the API), seconds and nanoseconds (protobuf), or RFC 3339 (its JSON); undefined when it is not there or
 * zero. Throws BadRecordError when it is no time.
 */
export function timeOf(value: unknown): Moment | undefined {
  if (typeof value === 'object' && value !== null) {
    const { seconds, nanos } = messageOf(value, 'a time')
    return momentOf(integerOf(seconds, 'seconds'), integerOf(nanos, 'nanos'))
  }
  const [, head, fraction = '', zone] = (typeof value === 'string' && iso.exec(value)) || []
  if (head === undefined) return momentOfMicros(value)
  const millis = Date.parse(`${head}${zone}`)
  if (Number.isNaN(millis)) throw new BadRecordError('invalid_timestamp', `“${value}” is no time`)
  return momentOf(millis / 1_000, Number(fraction.padEnd(9, '0')))
}

const duration = /^(-?\d{1,20}(?:\.\d{1,9})?)(ns|us|µs|ms|s)$/
const nanosIn: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 }

/** Nanoseconds, from the same forms as times; protobuf's JSON has a number with its unit. Throws BadRecordError. */
export function durationOf(value: unknown): number {
  if (typeof value === 'object' && value !== null) {
    const { seconds, nanos } = messageOf(value, 'a duration')
    return durationOfNanos(integerOf(seconds, 'seconds') * 1e9 + integerOf(nanos, 'nanos'))
  }
  const [, number, unit] = (typeof value === 'string' && duration.exec(value)) || []
  return durationOfNanos(
    number === undefined
      ? integerOf(value, 'a duration') * 1_000
      : Math.round(Number(number) * nanosIn[unit!]!),
  )
}
