import type { Span } from '../../../shared/avro/types.ts'
import { type Fields, textNamed } from '../../../shared/logs/fields.ts'
import type { LogEvent } from '../../../shared/logs/placed-log.ts'
import type { EventTime, StreamRecord } from '../../../shared/stream/task.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { SeriesIdentity } from './series-identity.ts'

/** So that no log event is taken for a span; that of a series is 1. */
const seeds = { log: 2, span: 3, namedRecord: 4, wholeRecord: 5 } as const

/** Two points of a series with one time and one value are the same. */
export const ofPoint = ({ high, low }: SeriesIdentity, time: EventTime, value: number, print: Fingerprint) =>
  print.begin(high, low).number(time).number(value).end()

/**
 * Attributes that tell one event from all others of its host: an id that the source or the agent gave it (ECS, OpenTelemetry's
 * semantic conventions, Filebeat's own), or where it stands in a file (ECS, or OpenTelemetry's file log receiver).
 */
const ids = ['event.id', 'log.record.uid', '@metadata._id']
const file = 'log.file.path'
const placesInFile = ['log.offset', 'log.file.record_offset']

/**
 * Undefined for an event that does not say which one it is. The message belongs to it, because files are cut and
 * written again from the start, and some sources use one id for several events. The time does not: without a time in the
 * line, Filebeat gives an event the time at which it read it.
 */
export function ofLog({ service, host, message, attributes }: LogEvent, print: Fingerprint) {
  const id = firstNamed(ids, attributes)
  const path = textNamed(attributes, file)
  const place = path === undefined ? undefined : firstNamed(placesInFile, attributes)
  if (id === undefined && place === undefined) return undefined
  print.begin(0, seeds.log).text(service).text(host).text(message)
  if (id !== undefined) print.text(id)
  if (place !== undefined) print.text(path!).text(place)
  return print.end()
}

/** With its name, so that no text is taken for another's. */
function firstNamed(names: readonly string[], attributes: Fields): string | undefined {
  for (const name of names) {
    const text = textNamed(attributes, name)
    if (text !== undefined && text !== '') return `${name}=${text}`
  }
  return undefined
}

/** In Zipkin both ends of a call may share a span's id, and each end may report its span in several parts. */
export const ofSpan = (
  { traceId, spanId, kind, service, name, time, timeNanos, durationNs }: Span,
  print: Fingerprint,
) =>
  print
    .begin(0, seeds.span)
    .text(traceId)
    .text(spanId)
    .text(kind)
    .text(service)
    .text(name)
    .number(time)
    .number(timeNanos)
    .number(durationNs)
    .end()

/** By what its producer calls it; undefined when one of the headers is missing. */
export function ofNamedRecord(
  { headers }: StreamRecord<unknown>,
  names: readonly string[],
  print: Fingerprint,
) {
  print.begin(0, seeds.namedRecord)
  for (const name of names) {
    const value = Object.hasOwn(headers, name) ? headers[name] : undefined
    if (!value) return undefined
    print.bytes(value)
  }
  return print.end()
}

const nothing = new Uint8Array(0)

/** By all its bytes. */
export function ofWholeRecord(
  { key, headers, value }: StreamRecord<Buffer | null>,
  print: Fingerprint,
): Fingerprint {
  print
    .begin(0, seeds.wholeRecord)
    .bytes(value ?? nothing)
    .words(key ? 1 : 0, 0)
    .bytes(key ?? nothing)
  for (const name in headers) print.text(name).bytes(headers[name]!)
  return print.end()
}
