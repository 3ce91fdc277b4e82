import type { LogBatch, LogRecord, PackedLogs, Source } from '../avro/types.ts'
import { VarintReader } from '../avro/varints.ts'
import { eventId, logLevels, type PlacedLog } from './placed-log.ts'
import { RecordMaker } from './record-maker.ts'
import { firstNumber, nextNumberedText, nextText, noText } from './text-references.ts'

/** The same batch with its events as records, however it came. Throws RangeError when packed events are damaged. */
export function unpackedLogs(batch: LogBatch): LogBatch {
  const { source, logs, packed } = batch
  if (!packed) return batch
  if (logs.length > 0) throw new RangeError('the log events are there twice, packed and not')
  const records = new RecordMaker()
  const read: LogRecord[] = []
  for (const log of placedLogs(packed)) read.push(logRecordOf(log, source, records))
  return { source, logs: read, packed: null }
}

export function logRecordOf(log: PlacedLog, source: Source, records = new RecordMaker()): LogRecord {
  const { time, service, host, level, message, traceId, spanId, attributes } = log
  return {
    id: eventId(source, log),
    time,
    service,
    host,
    level,
    message,
    traceId,
    spanId,
    attributes: records.of(attributes),
  }
}

/** The events one by one. Throws RangeError when they are damaged. */
export function* placedLogs(packed: PackedLogs): Generator<PlacedLog> {
  const shapes = shapesOf(packed)
  const texts = new TextReader(packed)
  const places = new VarintReader(packed.places)
  const times = new VarintReader(packed.times)
  const events = new VarintReader(packed.events)
  let offset = 0
  let timestamp = 0
  let time = 0
  for (let i = 0; i < packed.count; i++) {
    // A count out of damaged bytes must not keep anyone busy.
    if (!events.hasMore) throw new RangeError(`the columns of ${packed.count} log events hold ${i}`)
    offset += places.next()
    const position = places.next()
    timestamp += places.next()
    time += times.next()
    const names = shapes[events.next()]
    const level = logLevels[events.next()]
    if (!names || !level) throw new RangeError(`log event ${i} has no level or attributes that there are`)
    const service = texts.at(events.next())
    const host = texts.at(events.next())
    const message = texts.at(events.next())
    const traceId = texts.orNone(events.next())
    const spanId = texts.orNone(events.next())
    const own = new Array<string>(names.length)
    for (let at = 0; at < names.length; at++) own[at] = texts.at(events.next())
    const attributes = { names, texts: own }
    yield { offset, position, timestamp, time, service, host, level, message, traceId, spanId, attributes }
  }
  if (!(events.isAtEnd && places.isAtEnd && times.isAtEnd && texts.isAtEnd))
    throw new RangeError(`the columns of ${packed.count} log events do not end with them`)
}

function shapesOf({ names, shapes: bytes }: PackedLogs): readonly (readonly string[])[] {
  const reader = new VarintReader(bytes)
  const shapes: (readonly string[])[] = []
  while (reader.hasMore) {
    const length = reader.next()
    if (!(length >= 0 && length <= bytes.length))
      throw new RangeError(`${length} attributes in ${bytes.length} bytes`)
    shapes.push(
      Array.from({ length }, () => {
        const name = names[reader.next()]
        if (name === undefined) throw new RangeError('an attribute has no name that there is')
        return name
      }),
    )
  }
  if (!reader.isAtEnd) throw new RangeError('the lists of attributes are cut off')
  return shapes
}

/** Finds texts by references, of which each is read once, in their order. */
class TextReader {
  readonly #texts: string
  readonly #lengths: VarintReader
  readonly #numbered: string[] = []
  #at = 0

  constructor({ texts, lengths }: PackedLogs) {
    this.#texts = texts
    this.#lengths = new VarintReader(lengths)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#texts.length && this.#lengths.isAtEnd
  }

  /** Throws RangeError when there is none. */
  at(reference: number): string {
    if (reference >= firstNumber) {
      const text = this.#numbered[reference - firstNumber]
      if (text === undefined) throw new RangeError(`there is no text of number ${reference - firstNumber}`)
      return text
    }
    if (reference !== nextText && reference !== nextNumberedText)
      throw new RangeError(`${reference} refers to no text`)
    const length = this.#lengths.next()
    const end = this.#at + length
    if (!(length >= 0 && end <= this.#texts.length)) throw new RangeError('a text is cut off')
    const text = this.#texts.slice(this.#at, end)
    this.#at = end
    if (reference === nextNumberedText) this.#numbered.push(text)
    return text
  }

  orNone(reference: number): string | null {
    return reference === noText ? null : this.at(reference)
  }
}
