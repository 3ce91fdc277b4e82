/** Record batches as brokers keep and send them, magic 2 (Kafka protocol, "Record Batch" and "Record"). */

/** What the records of one batch share, in kafkajs' form: int64 as text. */
export interface BatchContext {
  readonly firstOffset: string
  readonly firstTimestamp: string
  readonly partitionLeaderEpoch: number
  readonly inTransaction: boolean
  readonly isControlBatch: boolean
  readonly lastOffsetDelta: number
  readonly producerId: string
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly maxTimestamp: string
  /** 0: each record has its producer's time; 1: all have the time at which the broker appended them. */
  readonly timestampType: number
  readonly magicByte: number
}

type HeaderValue = Buffer | null

/** A record as Tidemark reads it. */
export interface FetchedMessage {
  /** The offset. */
  readonly position: number
  /** Milliseconds: the producer's, or the broker's when it appended the record. */
  readonly time: number
  readonly isAppendTime: boolean
  /** Length of the value; 0 of none. */
  readonly valueBytes: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, HeaderValue | HeaderValue[]>>
}

/** What the records of one batch share. */
interface Unpacked {
  readonly bytes: Buffer
  readonly firstOffset: number
  readonly firstTimestamp: number
  /** Undefined when the records have times of their own. */
  readonly appendTime: number | undefined
  readonly context: BatchContext
}

/** A place in the bytes of a batch; the length is negative for null. */
interface Span {
  at: number
  length: number
}

/**
 * A record that is also in kafkajs' form. It waits in a queue among thousands, and all that it holds is copied by the
 * garbage collector until its turn: so it is small numbers only, and what it is asked for is made then.
 */
export class DecodedRecord implements FetchedMessage {
  readonly attributes: number
  readonly headers: FetchedMessage['headers']
  readonly #batch: Unpacked
  readonly #offsetDelta: number
  readonly #timestampDelta: number
  readonly #keyAt: number
  readonly #keyLength: number
  readonly #valueAt: number
  readonly #valueLength: number

  constructor(
    batch: Unpacked,
    attributes: number,
    timestampDelta: number,
    offsetDelta: number,
    key: Span,
    value: Span,
    headers: FetchedMessage['headers'],
  ) {
    this.attributes = attributes
    this.headers = headers
    this.#batch = batch
    this.#offsetDelta = offsetDelta
    this.#timestampDelta = timestampDelta
    this.#keyAt = key.at
    this.#keyLength = key.length
    this.#valueAt = value.at
    this.#valueLength = value.length
  }

  get position(): number {
    return this.#batch.firstOffset + this.#offsetDelta
  }

  get time(): number {
    return this.#batch.appendTime ?? this.#batch.firstTimestamp + this.#timestampDelta
  }

  get isAppendTime(): boolean {
    return this.#batch.appendTime !== undefined
  }

  get valueBytes(): number {
    return Math.max(0, this.#valueLength)
  }

  get key(): Buffer | null {
    return this.#keyLength < 0 ? null : this.#batch.bytes.subarray(this.#keyAt, this.#keyAt + this.#keyLength)
  }

  get value(): Buffer | null {
    return this.#valueLength < 0
      ? null
      : this.#batch.bytes.subarray(this.#valueAt, this.#valueAt + this.#valueLength)
  }

  get offset(): string {
    return String(this.position)
  }

  get timestamp(): string {
    return String(this.time)
  }

  get magicByte(): number {
    return this.#batch.context.magicByte
  }

  get isControlRecord(): boolean {
    return this.#batch.context.isControlBatch
  }

  get batchContext(): BatchContext {
    return this.#batch.context
  }
}

const logAppendTime = 1

/** Most records have none. */
const noHeaders = Object.freeze({})

/** Decodes `count` records, which must be all of `bytes`. Throws RangeError when they are damaged. */
export function decodeRecords(bytes: Buffer, count: number, context: BatchContext): DecodedRecord[] {
  const cursor = new Cursor(bytes)
  const batch: Unpacked = {
    bytes,
    firstOffset: Number(context.firstOffset),
    firstTimestamp: Number(context.firstTimestamp),
    appendTime: context.timestampType === logAppendTime ? Number(context.maxTimestamp) : undefined,
    context,
  }
  const records: DecodedRecord[] = []
  const key: Span = { at: 0, length: -1 }
  const value: Span = { at: 0, length: -1 }
  for (let i = 0; i < count; i++) {
    const end = cursor.varint() + cursor.at
    const attributes = bytes.readInt8(cursor.at++)
    const timestampDelta = cursor.varint()
    const offsetDelta = cursor.varint()
    cursor.span(key)
    cursor.span(value)
    const headers = cursor.headers()
    records.push(new DecodedRecord(batch, attributes, timestampDelta, offsetDelta, key, value, headers))
    if (end < cursor.at || end > bytes.length) throw new RangeError('a record is longer than it says')
    cursor.at = end
  }
  return records
}

class Cursor {
  readonly #bytes: Buffer
  at = 0
  /** Of the record before: a producer mostly sends the same with each. */
  #headers: FetchedMessage['headers'] = noHeaders
  #headersFrom = 0
  #headersTo = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** A zigzag varint or varlong; exact as far as a double is. */
  varint(): number {
    const bytes = this.#bytes
    let byte = bytes[this.at++]!
    let low = byte & 0x7f
    for (let shift = 7; byte >= 0x80 && shift < 28; shift += 7) {
      byte = bytes[this.at++]!
      low |= (byte & 0x7f) << shift
    }
    if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
    let size = low >>> 1
    for (let unit = 2 ** 27; byte >= 0x80; unit *= 0x80) {
      byte = bytes[this.at++]!
      size += (byte & 0x7f) * unit
    }
    return low & 1 ? -size - 1 : size
  }

  /** Over the bytes that stand here behind their length. */
  span(span: Span): void {
    span.length = this.varint()
    span.at = this.at
    if (span.length > 0) this.at += span.length
  }

  /** Null when their length is negative. */
  bytes(): Buffer | null {
    const length = this.varint()
    if (length < 0) return null
    const from = this.at
    this.at = from + length
    return this.#bytes.subarray(from, this.at)
  }

  headers(): FetchedMessage['headers'] {
    const from = this.at
    if (this.#areAsBefore(from)) {
      this.at = from + this.#headersTo - this.#headersFrom
      return this.#headers
    }
    const count = this.varint()
    if (count <= 0) return noHeaders
    const headers = this.#read(count)
    this.#headers = headers
    this.#headersFrom = from
    this.#headersTo = this.at
    return headers
  }

  #areAsBefore(from: number): boolean {
    const bytes = this.#bytes
    const to = this.#headersTo
    for (let i = this.#headersFrom, j = from; i < to; i++, j++) if (bytes[i] !== bytes[j]) return false
    return to > 0
  }

  /** Values of a repeated key become an array, as in kafkajs. */
  #read(count: number): FetchedMessage['headers'] {
    const headers = new Map<string, HeaderValue | HeaderValue[]>()
    for (let i = 0; i < count; i++) {
      const key = String(this.bytes())
      const value = this.bytes()
      const known = headers.get(key)
      if (known === undefined) headers.set(key, value)
      else headers.set(key, Array.isArray(known) ? [...known, value] : [known, value])
    }
    return Object.fromEntries(headers)
  }
}
