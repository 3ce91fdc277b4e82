import type { Tag } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import { type Payload, requireUtf8 } from '../payload.ts'
import { refusing } from '../record-events.ts'
import type { SeriesRef } from '../series-cache.ts'
import { emptyHash, hashByte } from './influx/heads.ts'
import { parseDecimal, spellsNonFinite } from './influx/values.ts'
import { ByteCache, type Known } from './parts/byte-cache.ts'

/**
 * Graphite's plaintext: `path;tag=value value timestamp`, a line each; seconds, where -1, N or nothing mean now. The
 * whole path is the metric's name.
 */
export const graphite: Format = {
  name: 'graphite',
  contentTypes: ['application/vnd.graphite'],

  recognizes({ bytes }) {
    return typical.test(bytes.toString('latin1', 0, 1_024))
  },

  createReader: (options) => new GraphiteReader(options),
}

/** A first line of three words, the last two of which are numbers. No two parts can match the same text. */
const typical =
  /^\s*[^\s;{"<[,=][^\s;,="]*(;[^\s;=]+=[^\s;]+)*[ \t]+[-+]?[\d.]+(e[-+]?\d+)?[ \t]+(-1|[nN]|\d{9,11}(\.\d*)?)[ \t\r]*(\n|$)/i

const newline = 0x0a

interface Path extends Known {
  readonly series: SeriesRef
}

class GraphiteReader implements Reader {
  readonly #paths: ByteCache<Path>
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  #end = 0

  constructor({ cachedSeries }: ReaderOptions) {
    this.#paths = new ByteCache(cachedSeries)
  }

  read(payload: Payload, events: Events): void {
    requireUtf8(payload.bytes)
    const { bytes } = payload
    this.#bytes = bytes
    for (let from = 0, position = 0; from < bytes.length; position++) {
      const found = bytes.indexOf(newline, from)
      this.#end = found < 0 ? bytes.length : found
      this.#at = from
      this.#skipBlanks()
      from = this.#end + 1
      if (this.#at < this.#end) refusing(events, position, () => this.#readLine(events))
    }
  }

  #readLine(events: Events): void {
    const bytes = this.#bytes
    const from = this.#at
    let hash = emptyHash
    let to = from
    for (; to < this.#end && !isBlank(bytes[to]!); to++) hash = hashByte(hash, bytes[to]!)
    this.#at = to
    const value = this.#readValue()
    const time = this.#readTime() ?? events.defaultTime
    const problem = events.timeProblem(time)
    if (problem) throw new BadRecordError(problem.reason, problem.detail)
    events.point(this.#pathAt(from, to, hash, events).series, time, value)
  }

  #pathAt(from: number, to: number, hash: number, events: Events): Path {
    const known = this.#paths.get(this.#bytes, from, to, hash)
    if (known) return known
    const bytes = Buffer.from(this.#bytes.subarray(from, to))
    const [name = '', ...tags] = bytes.toString('utf8').split(';')
    const path = { bytes, series: events.series(name, tags.map(parseTag)) }
    this.#paths.set(hash, path)
    return path
  }

  #readValue(): number {
    const [from, to] = this.#nextWord()
    const value = parseDecimal(this.#bytes, from, to)
    if (Number.isFinite(value)) return value
    const text = this.#bytes.toString('utf8', from, Math.min(to, from + 40))
    if (value === Infinity || value === -Infinity || spellsNonFinite(this.#bytes, from, to))
      throw new BadRecordError('not_finite', `the value ${text} is not a finite number`)
    throw new BadRecordError(
      'unparseable',
      from === to ? 'a path needs a value' : `“${text}” is not a number`,
    )
  }

  /** Undefined for now. */
  #readTime(): EventTime | undefined {
    const [from, to] = this.#nextWord()
    this.#skipBlanks()
    if (this.#at < this.#end)
      throw new BadRecordError('unparseable', 'there is something behind the timestamp')
    if (from === to) return undefined
    const word = this.#bytes[from]! | 0x20
    if (to === from + 1 && word === 0x6e) return undefined
    const seconds = parseDecimal(this.#bytes, from, to)
    if (seconds === -1) return undefined
    if (Number.isNaN(seconds)) {
      const text = this.#bytes.toString('utf8', from, Math.min(to, from + 40))
      throw new BadRecordError('invalid_timestamp', `the timestamp “${text}” is neither seconds, N nor -1`)
    }
    return Math.round(seconds * 1_000)
  }

  #nextWord(): readonly [from: number, to: number] {
    this.#skipBlanks()
    const from = this.#at
    while (this.#at < this.#end && !isBlank(this.#bytes[this.#at]!)) this.#at++
    return [from, this.#at]
  }

  #skipBlanks(): void {
    while (this.#at < this.#end && isBlank(this.#bytes[this.#at]!)) this.#at++
  }
}

/** Blanks, tabs and the carriage return of CRLF. */
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d

function parseTag(text: string): Tag {
  const equals = text.indexOf('=')
  if (equals <= 0 || equals === text.length - 1)
    throw new BadRecordError('unparseable', `“${text.slice(0, 80)}” is not a tag: key=value`)
  return { key: text.slice(0, equals), value: text.slice(equals + 1) }
}
