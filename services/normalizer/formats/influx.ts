import { BadRecordError } from '../../../shared/errors.ts'
import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import { type Payload, requireUtf8 } from '../payload.ts'
import type { SeriesRef } from '../series-cache.ts'
import {
  emptyHash,
  hashByte,
  isEscape,
  isPlain,
  type LineHead,
  LineHeads,
  startsWith,
  unescapeName,
} from './influx/heads.ts'
import {
  booleanValue,
  type Precision,
  parseDecimal,
  parseInteger,
  parseTime,
  spellsNonFinite,
} from './influx/values.ts'
import { metricName } from './telegraf-json.ts'

/**
 * InfluxDB line protocol: `measurement,tag=value field=1,other=2i 1700000000000000000`, any number of lines. Backslash
 * escapes commas, spaces and equals signs in names, and is itself before anything else, another backslash too; string
 * fields are quoted and may hold newlines; lines that begin with # are comments. Numbers and booleans are taken, strings are passed over. A line is taken whole or refused.
 */
export const influx: Format = {
  name: 'influx',
  contentTypes: ['application/vnd.influx.line-protocol'],

  recognizes: ({ bytes, firstByte }) => !beginsAnother(firstByte) && beginsWithLine(bytes),

  createReader: (options) => new LineReader(options),
}

const backslash = 0x5c
const carriageReturn = 0x0d
const comma = 0x2c
const equals = 0x3d
const hash = 0x23
const newline = 0x0a
const quote = 0x22
const space = 0x20
const tab = 0x09
const integerSuffix = 0x69
const unsignedSuffix = 0x75

/**
 * Whether the first line that is no comment has a field behind its first space, as no other text with `=` in it does, and no
 * control characters on the way there, as in binary formats.
 */
function beginsWithLine(bytes: Buffer): boolean {
  let at = 0
  while (at < bytes.length && (isBlank(bytes[at]!) || bytes[at] === hash)) {
    const end = bytes[at] === hash ? bytes.indexOf(newline, at) : at
    if (end < 0) return false
    at = end + 1
  }
  let spaces = 0
  for (; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte < space && byte !== tab) return false
    if (isEscape(bytes, at)) at++
    else if (byte === space) {
      if (bytes[at - 1] !== space && ++spaces > 1) return false
    } else if (byte === equals && spaces === 1) return true
  }
  return false
}

/** JSON, syslog, or XML. */
const beginsAnother = (byte: number) => byte === 0x7b || byte === 0x5b || byte === 0x3c

const isBlank = (byte: number) =>
  byte === space || byte === newline || byte === tab || byte === carriageReturn

class LineReader implements Reader {
  readonly #defaultPrecision: Precision
  readonly #heads: LineHeads
  // The points of the line being read: they live as long as the reader, so that a point allocates nothing.
  readonly #series: SeriesRef[] = []
  readonly #values: number[] = []
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #line = 0
  /** Of the first line, when it was looked up before the reading. */
  #firstHead: LineHead | undefined
  #firstHeadEnd = 0

  constructor({ timestampPrecision, cachedSeries }: ReaderOptions) {
    this.#defaultPrecision = timestampPrecision
    this.#heads = new LineHeads(cachedSeries)
  }

  /** A first line with a head and a first field that other lines had is known to be one: `beginsWithLine` would say the same. */
  readIfSure(payload: Payload, events: Events): boolean {
    const { bytes } = payload
    // Blanks and comments may stand before a line, too, but begin no head that is known.
    if (beginsAnother(bytes[0]!)) return false
    let hash = emptyHash
    let at = 0
    for (; at < bytes.length && bytes[at] !== space; at++) hash = hashByte(hash, bytes[at]!)
    const head = this.#heads.known(bytes, 0, at, hash)
    const field = head?.fields[0]
    if (!head?.isPlain || !field?.isPlain || !startsWith(bytes, at + 1, field.name)) return false
    if (bytes[at + 1 + field.name.length] !== equals) return false
    this.#firstHead = head
    this.#firstHeadEnd = at
    try {
      this.read(payload, events)
    } finally {
      this.#firstHead = undefined
    }
    return true
  }

  read(payload: Payload, events: Events): void {
    requireUtf8(payload.bytes)
    const precision = precisionOf(payload) ?? this.#defaultPrecision
    this.#bytes = payload.bytes
    this.#at = 0
    this.#line = 0
    const { only } = events
    while (this.#skipToLine()) {
      const line = this.#line
      if (only && !only.has(line)) {
        this.#skipLine()
        continue
      }
      events.part(line)
      try {
        this.#readLine(events, precision)
      } catch (error) {
        if (!(error instanceof BadRecordError)) throw error
        events.refuse(line, error.reason, error.message)
        this.#skipLine()
      }
    }
  }

  /** To the first byte of the next line that is neither blank nor a comment; false at the end. */
  #skipToLine(): boolean {
    const bytes = this.#bytes
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at]!
      if (byte === newline) this.#line++
      else if (byte === hash) {
        this.#skipLine()
        this.#at--
      } else if (byte !== space && byte !== tab && byte !== carriageReturn) return true
    }
    return false
  }

  #skipLine(): void {
    const end = this.#bytes.indexOf(newline, this.#at)
    this.#at = end < 0 ? this.#bytes.length : end
  }

  #readLine(events: Events, precision: Precision): void {
    const head = this.#readHead()
    this.#skipSpaces()
    const bytes = this.#bytes
    let points = 0
    for (let i = 0; ; i++) {
      const series = this.#readFieldName(head, i, events)
      const value = this.#readValue(events)
      // A string: there is nothing to count.
      if (!Number.isNaN(value)) {
        this.#series[points] = series
        this.#values[points++] = value
      }
      if (bytes[this.#at] !== comma) break
      this.#at++
    }
    this.#skipSpaces()
    const time = this.#readTime(precision) ?? events.defaultTime
    const problem = events.timeProblem(time)
    if (problem) throw new BadRecordError(problem.reason, problem.detail)
    for (let i = 0; i < points; i++) events.point(this.#series[i]!, time, this.#values[i]!)
  }

  #readHead(): LineHead {
    const known = this.#firstHead
    if (known && this.#at === 0) {
      this.#at = this.#firstHeadEnd
      return known
    }
    const bytes = this.#bytes
    const from = this.#at
    let hash = emptyHash
    let at = from
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === space || byte === newline) break
      hash = hashByte(hash, byte)
      if (byte === backslash && isEscape(bytes, at)) at++
    }
    this.#at = at
    if (bytes[at] !== space) throw new BadRecordError('unparseable', 'the line has no fields')
    return this.#heads.at(bytes, from, at, hash)
  }

  #readFieldName(head: LineHead, i: number, events: Events): SeriesRef {
    const expected = head.fields[i]
    const from = this.#at
    if (expected && startsWith(this.#bytes, from, expected.name)) {
      const to = from + expected.name.length
      if (this.#bytes[to] === equals) {
        this.#at = to + 1
        return expected.series
      }
    }
    this.#scanName(equals)
    if (this.#bytes[this.#at] !== equals || this.#at === from)
      throw new BadRecordError('unparseable', 'a field needs a name, “=” and a value')
    const name = this.#heads.name(this.#bytes, from, this.#at)
    this.#at++
    // The same name is the same object, but for one that was forgotten meanwhile: bytes are compared where a stranger sends a thousand fields for nothing.
    const known = head.fields.find((field) => field.name === name)
    if (known) return known.series
    const series = events.series(metricName(head.measurement, unescapeName(name.toString('utf8'))), head.tags)
    if (head.fields.length < maxCachedFields) head.fields.push({ name, series, isPlain: isPlain(name) })
    return series
  }

  /** NaN of a string. */
  #readValue(events: Events): number {
    const bytes = this.#bytes
    const from = this.#at
    if (bytes[from] === quote) {
      this.#scanString()
      events.skipField(1)
      return Number.NaN
    }
    let to = from
    for (; to < bytes.length; to++) {
      const byte = bytes[to]!
      if (byte === comma || byte === space || byte === newline || byte === carriageReturn) break
    }
    this.#at = to
    const last = bytes[to - 1]
    if (to > from && (last === integerSuffix || last === unsignedSuffix)) {
      const integer = parseInteger(bytes, from, to - 1, last === unsignedSuffix)
      if (Number.isNaN(integer))
        throw new BadRecordError(
          'unparseable',
          `“${bytes.toString('utf8', from, Math.min(to, from + 40))}” is not an integer that ${last === unsignedSuffix ? '64 bits without a sign hold, with a u' : '64 bits hold, with an i'} behind it`,
        )
      return integer
    }
    const value = to === from ? Number.NaN : parseDecimal(bytes, from, to)
    if (Number.isFinite(value)) return value
    if (value === Infinity || value === -Infinity || spellsNonFinite(bytes, from, to)) {
      throw new BadRecordError(
        'not_finite',
        `the value ${bytes.toString('latin1', from, Math.min(to, from + 40))} is not a finite number`,
      )
    }
    const flag = booleanValue(bytes, from, to)
    if (flag === undefined)
      throw new BadRecordError(
        'unparseable',
        `“${bytes.toString('utf8', from, Math.min(to, from + 40))}” is neither a number, a boolean nor a quoted string`,
      )
    return flag
  }

  /** Undefined when the line has no timestamp. */
  #readTime(precision: Precision): number | undefined {
    const bytes = this.#bytes
    const from = this.#at
    let to = from
    while (to < bytes.length && bytes[to] !== newline && bytes[to] !== carriageReturn && bytes[to] !== space)
      to++
    this.#at = to
    this.#skipSpaces()
    if (bytes[this.#at] === carriageReturn) this.#at++
    if (this.#at < bytes.length && bytes[this.#at] !== newline)
      throw new BadRecordError('unparseable', 'there is something behind the timestamp')
    if (to === from) return undefined
    const time = parseTime(bytes, from, to, precision)
    if (Number.isNaN(time))
      throw new BadRecordError(
        'invalid_timestamp',
        `“${bytes.toString('utf8', from, Math.min(to, from + 40))}” is not a timestamp`,
      )
    return time
  }

  /** To the first `end` that is not escaped, or the end of the line. */
  #scanName(end: number): void {
    const bytes = this.#bytes
    let at = this.#at
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (isEscape(bytes, at)) at++
      else if (byte === end || byte === newline) break
    }
    this.#at = at
  }

  /** Behind the closing quote. */
  #scanString(): void {
    const bytes = this.#bytes
    for (let at = this.#at + 1; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (byte === backslash) at++
      else if (byte === newline) this.#line++
      else if (byte === quote) {
        this.#at = at + 1
        return
      }
    }
    this.#at = bytes.length
    throw new BadRecordError('unparseable', 'a quoted string does not end')
  }

  #skipSpaces(): void {
    while (this.#bytes[this.#at] === space || this.#bytes[this.#at] === tab) this.#at++
  }
}

/** A stranger who never sends the same field twice must not fill the memory through one head. */
const maxCachedFields = 1_000

const precisions: readonly Precision[] = ['ns', 'us', 'ms', 's', 'm', 'h']

function precisionOf(payload: Payload): Precision | undefined {
  const named = payload.header('precision')
  if (named === undefined) return undefined
  const precision = precisions.find((one) => one === named)
  if (!precision)
    throw new BadRecordError(
      'invalid_precision',
      `the header “precision” is “${named.slice(0, 20)}”: ns, us, ms, s, m and h are known`,
    )
  return precision
}
