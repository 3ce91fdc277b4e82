/** Records as they stand in a batch, magic 2 (Kafka protocol, "Record"). */

type Bytes = Buffer | string

/** A record to be written, in kafkajs' form. */
export interface PlainRecord {
  readonly offsetDelta: number
  readonly timestampDelta: number
  readonly key?: Bytes | null
  readonly value?: Bytes | null
  /** Several values of one key stand in an array. */
  readonly headers?: Readonly<Record<string, Bytes | readonly Bytes[]>>
}

/** All records, one behind the other, in one piece of memory. */
export function encodeRecords(records: readonly PlainRecord[]): Buffer {
  const sizes = records.map(sizeOf)
  const writer = new Writer(sizes.reduce((sum, size) => sum + varintSize(size) + size, 0))
  for (const [i, record] of records.entries()) {
    writer.varint(sizes[i]!)
    writer.attributes()
    writer.varint(record.timestampDelta)
    writer.varint(record.offsetDelta)
    writer.bytes(record.key)
    writer.bytes(record.value)
    const headers = headersOf(record)
    writer.varint(headers.length)
    for (const [key, value] of headers) {
      writer.bytes(key)
      writer.bytes(value)
    }
  }
  return writer.buffer
}

function sizeOf(record: PlainRecord): number {
  const headers = headersOf(record)
  const deltas = varintSize(record.timestampDelta) + varintSize(record.offsetDelta)
  const contents = sizeOfBytes(record.key) + sizeOfBytes(record.value)
  return headers.reduce(
    (sum, [key, value]) => sum + sizeOfBytes(key) + sizeOfBytes(value),
    1 + deltas + contents + varintSize(headers.length),
  )
}

const noHeaders: readonly (readonly [string, Bytes])[] = []

const headersOf = ({ headers }: PlainRecord) =>
  headers
    ? Object.entries(headers).flatMap(([key, value]) =>
        (Array.isArray(value) ? (value as readonly Bytes[]) : [value as Bytes]).map(
          (one) => [key, one] as const,
        ),
      )
    : noHeaders

function sizeOfBytes(bytes: Bytes | null | undefined): number {
  if (bytes === null || bytes === undefined) return 1
  const { length } = typeof bytes === 'string' ? { length: Buffer.byteLength(bytes) } : bytes
  return varintSize(length) + length
}

/** Bytes of a zigzag varint: seven bits each. */
function varintSize(value: number): number {
  let size = 1
  for (let rest = zigzag(value); rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

/** Exact as far as a double is: milliseconds and lengths are. */
const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value)

class Writer {
  readonly buffer: Buffer
  #at = 0

  constructor(size: number) {
    this.buffer = Buffer.allocUnsafe(size)
  }

  /** Of a single record there are none. */
  attributes(): void {
    this.buffer[this.#at++] = 0
  }

  varint(value: number): void {
    let rest = zigzag(value)
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.buffer[this.#at++] = (rest % 0x80) | 0x80
    this.buffer[this.#at++] = rest
  }

  /** Null is a length of -1. */
  bytes(bytes: Bytes | null | undefined): void {
    if (bytes === null || bytes === undefined) this.varint(-1)
    else if (typeof bytes === 'string') {
      this.varint(Buffer.byteLength(bytes))
      this.#at += this.buffer.write(bytes, this.#at)
    } else {
      this.varint(bytes.length)
      this.buffer.set(bytes, this.#at)
      this.#at += bytes.length
    }
  }
}
