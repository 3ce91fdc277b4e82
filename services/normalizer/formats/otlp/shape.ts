import { type Field, fieldsOf, tagsOf } from '../../protobuf/wire-fields.ts'
import { type Signal, signals } from './signals.ts'

const firstField = 0x0a
const secondField = 0x12

/**
 * The signal that these bytes carry in protobuf; undefined when they carry none. All three are lists of resources with lists of scopes with
 * lists of records, so the first record tells: a metric's fields are all texts and messages, one of which holds points; a log record has no text in field 1;
 * a span begins with ids of 16 and 8 bytes and has a fixed number in field 7. Field by field, number and wire type must be known
 * down to that record, and the outermost lengths add up to the end. Never throws.
 */
export function signalOf(bytes: Buffer): Signal | undefined {
  // A byte of text at most is looked at: a newline, perhaps.
  if (bytes[0] !== firstField) return undefined
  try {
    let record: Field | undefined
    for (const resource of fieldsOf(bytes, 0, bytes.length)) {
      if (resource.tag !== firstField) return undefined
      record ??= firstRecord(bytes, resource)
    }
    return record && signalOfRecord(bytes, record)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const resourceTags: ReadonlySet<number> = new Set([firstField, secondField, 0x1a])

function firstRecord(bytes: Buffer, resource: Field): Field | undefined {
  for (const scope of knownFields(bytes, resource)) {
    if (scope.tag !== secondField) continue
    for (const record of knownFields(bytes, scope)) if (record.tag === secondField) return record
  }
  return undefined
}

function* knownFields(bytes: Buffer, { from, to }: Field): Generator<Field> {
  for (const field of fieldsOf(bytes, from, to)) {
    if (!resourceTags.has(field.tag)) throw new RangeError('an unknown field')
    yield field
  }
}

/** What tells a record: the fields that it may have, of which it has these. */
interface Trait {
  readonly tags: ReadonlySet<number>
  readonly fits: (fields: ReadonlyMap<number, Field>, bytes: Buffer) => boolean
}

const lengthOf = (field: Field | undefined) => (field ? field.to - field.from : 0)

/** Gauge, sum, histogram, exponential histogram, summary. */
const metricData = [0x2a, 0x3a, 0x4a, 0x52, 0x5a]
/** Its time, severity, body, when it was observed. */
const logFields = [0x09, 0x10, 0x2a, 0x59]
const spanStart = 0x39

/** Points, temporality, whether a sum only grows. The name of a span, which has the same number, is none of them. */
const dataTags: ReadonlySet<number> = new Set([firstField, 0x10, 0x18])

function isMetricData(bytes: Buffer, { from, to }: Field): boolean {
  for (const { tag } of fieldsOf(bytes, from, to)) if (!dataTags.has(tag)) return false
  return true
}

const fits: Readonly<Record<Signal, Trait['fits']>> = {
  metrics: (fields, bytes) => {
    const data = metricData.map((tag) => fields.get(tag)).find((field) => field !== undefined)
    return lengthOf(fields.get(firstField)) > 0 && data !== undefined && isMetricData(bytes, data)
  },
  logs: (fields) => logFields.some((tag) => fields.has(tag)),
  traces: (fields) =>
    lengthOf(fields.get(firstField)) === 16 &&
    lengthOf(fields.get(secondField)) === 8 &&
    fields.has(spanStart),
}

let traits: ReadonlyMap<Signal, Trait> | undefined

function signalOfRecord(bytes: Buffer, { from, to }: Field): Signal | undefined {
  traits ??= new Map(
    (Object.keys(signals) as Signal[]).map((signal) => {
      const { definition, record } = signals[signal]
      return [signal, { tags: tagsOf(definition, record), fits: fits[signal] }]
    }),
  )
  const fields = new Map(Array.from(fieldsOf(bytes, from, to), (field) => [field.tag, field]))
  const tags = [...fields.keys()]
  return [...traits].find(
    ([, { tags: known, fits }]) => tags.every((tag) => known.has(tag)) && fits(fields, bytes),
  )?.[0]
}
