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
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, HeaderValue | HeaderValue[]>>
}

/** A record that is also in kafkajs' form, whose int64 are text: made when it is asked for, of a few records a batch. */
export class DecodedRecord implements FetchedMessage {
  readonly attributes: number
  readonly time: number
  readonly position: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: FetchedMessage['headers']
  readonly batchContext: BatchContext

  constructor(
    attributes: number,
    time: number,
    position: number,
    key: Buffer | null,
    value: Buffer | null,
    headers: FetchedMessage['headers'],
    batchContext: BatchContext,
  ) {
    this.attributes = attributes
    this.time = time
    this.position = position
    this.key = key
    this.value = value
    this.headers = headers
    this.batchContext = batchContext
  }

  get isAppendTime(): boolean {
    return this.batchContext.timestampType === logAppendTime
  }

  get magicByte(): number {
    return this.batchContext.magicByte
  }

  get timestamp(): string {
    return String(this.time)
  }

  get offset(): string {
    return String(this.position)
  }

  get isControlRecord(): boolean {
    return this.batchContext.isControlBatch
  }
}

export const logAppendTime = 1

/** Most records have none. */
const noHeaders = Object.freeze({})

/** Decodes `count` records, which must be all of `bytes`. Throws RangeError when they are damaged. */
export function decodeRecords(bytes: Buffer, count: number, batch: BatchContext): DecodedRecord[] {
  const cursor = new Cursor(bytes)
  const firstOffset = Number(batch.firstOffset)
  const firstTimestamp = Number(batch.firstTimestamp)
  const appendTime = batch.timestampType === logAppendTime ? Number(batch.maxTimestamp) : undefined
  const records: DecodedRecord[] = []
  for (let i = 0; i < count; i++) {
    const end = cursor.varint() + cursor.at
    const attributes = bytes.readInt8(cursor.at++)
    const timestampDelta = cursor.varint()
    const offsetDelta = cursor.varint()
    const key = cursor.bytes()
    const value = cursor.bytes()
    const headers = cursor.headers()
    const time = appendTime ?? firstTimestamp + timestampDelta
    records.push(new DecodedRecord(attributes, time, firstOffset + offsetDelta, key, value, headers, batch))
    if (end < cursor.at || end > bytes.length) throw new RangeError('a record is longer than it says')
    cursor.at = end
  }
  return records
}

class Cursor {
  readonly #bytes: Buffer
  at = 0

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

  /** Null when their length is negative. */
  bytes(): Buffer | null {
    const length = this.varint()
    if (length < 0) return null
    const from = this.at
    this.at = from + length
    return this.#bytes.subarray(from, this.at)
  }

  /** Values of a repeated key become an array, as in kafkajs. */
  headers(): FetchedMessage['headers'] {
    const count = this.varint()
    if (count <= 0) return noHeaders
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
