import { BadRecordError } from '../../../../shared/errors.ts'
import { isObject } from '../telegraf-json.ts'

/**
 * A message of OTLP, by the names of its JSON form. Protobuf and JSON give the same but for how they write some values: integers of 64 bits
 * are `Long` or decimal text, ids bytes or hexadecimal text, enums numbers or names. JSON's are whatever a stranger wrote, so each
 * value is looked at when it is read.
 */
export type Message = Readonly<Record<string, unknown>>

/** Throws BadRecordError when it is something else. `what` is what a person calls it. */
export function messageOf(value: unknown, what: string): Message {
  if (isObject(value)) return value
  throw new BadRecordError('unparseable', `${what} is not an object`)
}

/** Empty when it is not there. Throws BadRecordError when it is no list. */
export function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value === undefined || value === null) return []
  throw new BadRecordError('unparseable', `${what} is not a list`)
}

/** Records of one resource and scope. */
export interface Group {
  readonly resource: Message
  readonly scope: Message
  readonly records: readonly unknown[]
}

/** How a signal names its levels, such as resourceSpans, scopeSpans and spans. */
export interface Levels {
  readonly resources: string
  readonly scopes: string
  readonly records: string
}

const nothing: Message = {}

/** All records of one message. Throws BadRecordError when their frame is wrong, so that nothing is taken of it. */
export function groupsOf(root: Message, { resources, scopes, records }: Levels): readonly Group[] {
  return listOf(root[resources], resources).flatMap((one) => {
    const outer = messageOf(one, `an element of ${resources}`)
    const resource = messageOf(outer.resource ?? nothing, 'a resource')
    return listOf(outer[scopes], scopes).map((each) => {
      const inner = messageOf(each, `an element of ${scopes}`)
      return {
        resource,
        scope: messageOf(inner.scope ?? nothing, 'a scope'),
        records: listOf(inner[records], records),
      }
    })
  })
}
