import { fieldsOf } from '../../protobuf/wire-fields.ts'
import { hasLength, isMessage, isOfShape, isSpanLike, shapeOf } from '../spans/shape.ts'
import { isObject } from '../telegraf-json.ts'

const list = 0x0a

const span = shapeOf(
  'zipkin.proto',
  'zipkin.proto3.Span',
  (fields) => hasLength(fields.get(0x0a), 8, 16) && hasLength(fields.get(0x1a), 8),
)

/** Whether these bytes are a list of spans in protobuf, by the first of them. Never throws. */
export function isProtobuf(bytes: Buffer): boolean {
  if (bytes[0] !== list) return false
  return isMessage(() => {
    const spans = [...fieldsOf(bytes, 0, bytes.length)]
    return spans.every(({ tag }) => tag === list) && isOfShape(bytes, spans[0]!, span)
  })
}

const hexadecimal = /^[0-9a-f]{1,32}$/i
const fieldsOfSpans = [
  'name',
  'parentId',
  'kind',
  'duration',
  'localEndpoint',
  'annotations',
  'binaryAnnotations',
]

/** Whether this is a span in JSON. Never throws. */
export const isJsonSpan = (json: unknown) =>
  isObject(json) && isHexadecimal(json.traceId) && isHexadecimal(json.id) && isSpanLike(json, fieldsOfSpans)

const isHexadecimal = (value: unknown) => typeof value === 'string' && hexadecimal.test(value)
