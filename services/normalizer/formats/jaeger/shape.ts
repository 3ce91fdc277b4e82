import { fieldsOf } from '../../protobuf/wire-fields.ts'
import { hasLength, isMessage, isOfShape, isSpanLike, shapeOf } from '../spans/shape.ts'
import { isObject } from '../telegraf-json.ts'
import { spanIdIn, traceIdIn } from './references.ts'

const definition = 'jaeger/api_v2/model.proto'
const firstField = 0x0a
const secondField = 0x12
const startTime = 0x32

const span = shapeOf(
  definition,
  'jaeger.api_v2.Span',
  (fields) =>
    hasLength(fields.get(firstField), 8, 16) &&
    hasLength(fields.get(secondField), 8) &&
    fields.has(startTime),
)
const process = shapeOf(definition, 'jaeger.api_v2.Process', () => true)

type ProtobufForm = 'span' | 'batch'

/** What these bytes are in protobuf: one span, or a batch of them, by the first; undefined for neither. Never throws. */
export function protobufForm(bytes: Buffer): ProtobufForm | undefined {
  // The length of an id, or at least that of one span.
  if (bytes[0] !== firstField) return undefined
  if (isMessage(() => isOfShape(bytes, { from: 0, to: bytes.length }, span))) return 'span'
  return isMessage(() => isBatch(bytes)) ? 'batch' : undefined
}

function isBatch(bytes: Buffer): boolean {
  const fields = [...fieldsOf(bytes, 0, bytes.length)]
  return (
    fields.every(({ tag }) => tag === firstField || tag === secondField) &&
    fields.filter(({ tag }) => tag === secondField).every((field) => isOfShape(bytes, field, process)) &&
    isOfShape(bytes, fields[0]!, span)
  )
}

const fieldsOfSpans = ['startTime', 'references', 'process', 'processID', 'processId', 'tags', 'logs']

/** Whether this is JSON of spans, by the first of them. Never throws. */
export function isJson(json: unknown): boolean {
  const first: unknown = Array.isArray(json) ? json[0] : json
  if (!isObject(first)) return false
  const inner = firstOf(first.data) ?? first
  const one = (isObject(inner) && firstOf(inner.spans)) ?? inner
  return (
    isObject(one) &&
    Object.hasOwn(one, 'operationName') &&
    isSpanLike(one, fieldsOfSpans) &&
    typeof traceIdIn(one) === 'string' &&
    typeof spanIdIn(one) === 'string'
  )
}

const firstOf = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined)
