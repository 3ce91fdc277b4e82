import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Signal, signals } from '../../services/normalizer/formats/otlp/signals.ts'
import { typeIn } from '../../services/normalizer/protobuf/message-type.ts'

/** Of the published examples of OTLP. */
export const example = (name: string) =>
  readFileSync(join(import.meta.dirname, '../fixtures/otlp', name), 'utf8')

/** A message of OTLP/JSON, of the usual spelling, in protobuf. */
export function toProtobuf(signal: Signal, json: object): Buffer {
  const { definition, message } = signals[signal]
  const type = typeIn(definition, message)
  return Buffer.from(type.encode(type.fromObject(withBase64Ids(json) as object)).finish())
}

/** JSON of protobuf has bytes in base64; OTLP/JSON has ids in hexadecimal digits. */
function withBase64Ids(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBase64Ids)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      /^(traceId|spanId|parentSpanId)$/.test(key) && typeof inner === 'string'
        ? Buffer.from(inner, 'hex').toString('base64')
        : withBase64Ids(inner),
    ]),
  )
}
