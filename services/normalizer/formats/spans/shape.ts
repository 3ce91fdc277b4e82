import { type Field, fieldsOf, tagsOf } from '../../protobuf/wire-fields.ts'

/** A message whose fields are told by number and wire type. */
interface Shape {
  /** The fields that it may have. */
  readonly tags: () => ReadonlySet<number>
  readonly fits: (fields: ReadonlyMap<number, Field>) => boolean
}

/** `file` and `name` are as for `messageType`; the definition is read when it is first needed. */
export function shapeOf(file: string, name: string, fits: Shape['fits']): Shape {
  let tags: ReadonlySet<number> | undefined
  return {
    tags: () => {
      tags ??= tagsOf(file, name)
      return tags
    },
    fits,
  }
}

/** Whether the bytes are one such message. Throws RangeError when they are no message at all. */
export function isOfShape(bytes: Buffer, { from, to }: Pick<Field, 'from' | 'to'>, shape: Shape): boolean {
  const known = shape.tags()
  const fields = new Map<number, Field>()
  for (const field of fieldsOf(bytes, from, to)) {
    if (!known.has(field.tag)) return false
    fields.set(field.tag, field)
  }
  return shape.fits(fields)
}

/** What `look` finds, or false when the bytes are no fields. */
export function isMessage(look: () => boolean): boolean {
  try {
    return look()
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Whether a field that holds bytes has so many; false when it is not there. */
export const hasLength = (field: Field | undefined, ...lengths: readonly number[]) =>
  field !== undefined && lengths.includes(field.to - field.from)

/** Fields that log events have and spans do not; ids of traces stand in both. */
const ofLogs = ['message', 'msg', 'level', 'log', '@timestamp']

/** Whether this JSON has at least one of these fields, and none of a log event. */
export const isSpanLike = (json: object, fields: readonly string[]) =>
  fields.some((name) => Object.hasOwn(json, name)) && !ofLogs.some((name) => Object.hasOwn(json, name))
