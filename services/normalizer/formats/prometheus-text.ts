import type { Exemplar } from '../../../shared/avro/types.ts'
import { BadRecordError } from '../../../shared/errors.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { Events, Format, Reader, ReaderOptions } from '../format.ts'
import { type Payload, requireUtf8 } from '../payload.ts'
import { requireSound } from '../sound-histogram.ts'
import { emptyHash, hashByte } from './influx/heads.ts'
import { parseDecimal, spellsNonFinite } from './influx/values.ts'
import { timeFromNumber } from './parts/timestamp.ts'
import { parseComposite } from './prometheus/composite.ts'
import { CountedGroups } from './prometheus/counted-groups.ts'
import { Families, type Family, isCounted, typeNamed } from './prometheus/family.ts'
import { unescaped } from './prometheus/labels.ts'
import { type SampleHead, SampleHeads } from './prometheus/sample-heads.ts'
import { textExemplar } from './prometheus/text-exemplar.ts'
import { unitNamed } from './prometheus/units.ts'

/**
 * What exporters answer to a scrape: Prometheus' text, OpenMetrics 1, and the draft of OpenMetrics 2.0 with its
 * composite values. Buckets, sums and counts of one series become one histogram, quantiles one summary. Timestamps are
 * milliseconds in the first and seconds in the others, which their size tells. Exemplars count if they name a trace.
 */
export const prometheusText: Format = {
  name: 'prometheus-text',
  contentTypes: ['application/openmetrics-text'],

  recognizes({ bytes }) {
    return typical.test(bytes.toString('latin1', 0, 1_024))
  },

  createReader: (options) => new ExpositionReader(options),
}

/** It begins with a declaration, or with a sample that has labels. Each alternative begins otherwise, so the time is linear. */
const typical =
  /^\s*(#[ \t]+(HELP|TYPE|UNIT)[ \t]+\S|# EOF\s*$|[a-zA-Z_:][\w:]*\{[a-zA-Z_]\w*="|\{"[^"]+"[,}])/

const backslash = 0x5c
const carriageReturn = 0x0d
const closing = 0x7d
const colon = 0x3a
const hashSign = 0x23
const newline = 0x0a
const opening = 0x7b
const quote = 0x22
const space = 0x20
const tab = 0x09

const isBlank = (byte: number | undefined) => byte === space || byte === tab

/** `# TYPE name type` or `# UNIT name unit`; the name may stand in quotes. */
const declaration = /^#[ \t]+(TYPE|UNIT)[ \t]+(?:"((?:[^"\\]|\\.)*)"|(\S+))(?:[ \t]+(\S+))?/

class ExpositionReader implements Reader {
  readonly #heads: SampleHeads
  readonly #families: Families
  readonly #groups = new CountedGroups()
  /** What the last TYPE and UNIT lines have declared. */
  #family: Family | undefined
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  /** Of the line that is being read: behind its last byte. */
  #end = 0

  constructor({ cachedSeries }: ReaderOptions) {
    this.#heads = new SampleHeads(cachedSeries)
    this.#families = new Families(cachedSeries)
  }

  read(payload: Payload, events: Events): void {
    requireUtf8(payload.bytes)
    const { bytes } = payload
    this.#bytes = bytes
    this.#family = undefined
    let next = 0
    for (let line = 0; next < bytes.length; line++) {
      this.#at = next
      const end = bytes.indexOf(newline, next)
      this.#end = end < 0 ? bytes.length : end
      next = this.#end + 1
      if (bytes[this.#end - 1] === carriageReturn && this.#end > this.#at) this.#end--
      this.#skipBlanks()
      if (this.#at === this.#end) continue
      if (bytes[this.#at] === hashSign) this.#readComment(events)
      else this.#readSample(line, events)
    }
    this.#groups.finish(events)
  }

  /** `# TYPE name type` and `# UNIT name unit` count; HELP is for people, and anything else a comment. */
  #readComment(events: Events): void {
    let at = this.#at + 1
    while (isBlank(this.#bytes[at])) at++
    const initial = this.#bytes[at]
    if (initial !== 0x54 && initial !== 0x55) return
    const found = declaration.exec(this.#bytes.toString('utf8', this.#at, this.#end))
    if (!found) return
    const [, keyword, quoted, bare, word = ''] = found
    const name = quoted === undefined ? bare! : unescaped(quoted)
    const before = this.#family?.name === name ? this.#family : undefined
    if (!before) this.#groups.finish(events)
    this.#family =
      keyword === 'TYPE'
        ? this.#families.of(name, typeNamed(word) ?? 'unknown', before?.unit ?? '')
        : this.#families.of(name, before?.type ?? 'unknown', unitNamed(word))
  }

  #readSample(line: number, events: Events): void {
    try {
      const head = this.#readHead(events)
      this.#skipBlanks()
      const composite =
        this.#bytes[this.#at] === opening && this.#at < this.#end ? this.#readComposite() : undefined
      const value = composite === undefined ? this.#readValue() : Number.NaN
      const time = this.#readTime() ?? events.defaultTime
      if (head.role === 'created') return
      const exemplar = this.#at < this.#end ? this.#readExemplar(time) : undefined
      const { family } = head
      if (composite === undefined && family && isCounted(family) && head.role !== 'value') {
        this.#groups.add(head, time, value, exemplar, line, events)
        return
      }
      if (events.only && !events.only.has(line)) return
      const problem = events.timeProblem(time)
      if (problem) throw new BadRecordError(problem.reason, problem.detail)
      events.part(line)
      if (composite !== undefined) {
        const samples = parseComposite(composite, time)
        requireSound(samples)
        events.histogram(head.series, samples, exemplar)
      } else if (Number.isFinite(value)) events.point(head.series, time, value, exemplar)
      else throw new BadRecordError('not_finite', `the value ${value} is not a finite number`)
    } catch (error) {
      if (!(error instanceof BadRecordError)) throw error
      if (!events.only || events.only.has(line)) events.refuse(line, error.reason, error.message)
    }
  }

  #readHead(events: Events): SampleHead {
    const bytes = this.#bytes
    const from = this.#at
    let hash = emptyHash
    let at = from
    for (; at < this.#end; at++) {
      const byte = bytes[at]!
      if (byte === opening || isBlank(byte)) break
      hash = hashByte(hash, byte)
    }
    let behindBlanks = at
    while (isBlank(bytes[behindBlanks])) behindBlanks++
    if (bytes[behindBlanks] === opening && !this.#isComposite(behindBlanks)) {
      at = behindBlanks
      for (let inQuotes = false; ; at++) {
        if (at >= this.#end) throw new BadRecordError('unparseable', 'the labels do not end')
        const byte = bytes[at]!
        hash = hashByte(hash, byte)
        if (byte === backslash) hash = hashByte(hash, bytes[++at] ?? 0)
        else if (byte === quote) inQuotes = !inQuotes
        else if (byte === closing && !inQuotes) break
      }
      at++
    }
    this.#at = at
    const head = this.#heads.at(bytes, from, at, hash, this.#family, events)
    if (this.#family && !head.family) {
      this.#groups.finish(events)
      this.#family = undefined
    }
    return head
  }

  /** Whether the brace opens a value, `{count:…`, and no labels. */
  #isComposite(brace: number): boolean {
    for (let at = brace + 1; at < this.#end; at++) {
      const byte = this.#bytes[at]!
      if (byte === colon) return at > brace + 1
      if ((byte < 0x61 || byte > 0x7a) && byte !== 0x5f) return false
    }
    return false
  }

  #readComposite(): string {
    const from = this.#at
    const to = this.#bytes.indexOf(closing, from)
    if (to < 0 || to >= this.#end) throw new BadRecordError('unparseable', 'the value does not end')
    this.#at = to + 1
    return this.#bytes.toString('utf8', from, to + 1)
  }

  /** May be NaN or infinite. */
  #readValue(): number {
    const from = this.#at
    const to = this.#skipWord()
    const value = parseDecimal(this.#bytes, from, to)
    if (!Number.isNaN(value)) return value
    const text = this.#bytes.toString('utf8', from, Math.min(to, from + 40))
    if (!spellsNonFinite(this.#bytes, from, to))
      throw new BadRecordError('unparseable', `“${text}” is not a number`)
    return /nan/i.test(text) ? Number.NaN : text.startsWith('-') ? -Infinity : Infinity
  }

  /** What stands behind the sample, if it is one. */
  #readExemplar(time: EventTime): Exemplar | undefined {
    return textExemplar(this.#bytes.toString('utf8', this.#at, this.#end), time)
  }

  /** Undefined when the sample has no timestamp. When it began to count is passed over; an exemplar is left to be read. */
  #readTime(): EventTime | undefined {
    let time: EventTime | undefined
    while (true) {
      this.#skipBlanks()
      const from = this.#at
      const first = this.#bytes[from]
      if (from >= this.#end || first === hashSign) return time
      const to = this.#skipWord()
      if (first === 0x73 && this.#bytes[from + 1] === 0x74 && this.#bytes[from + 2] === 0x40) continue
      if (time !== undefined)
        throw new BadRecordError('unparseable', 'there is something behind the timestamp')
      time = timeFromNumber(parseDecimal(this.#bytes, from, to))
      if (Number.isNaN(time))
        throw new BadRecordError(
          'invalid_timestamp',
          `the timestamp “${this.#bytes.toString('utf8', from, Math.min(to, from + 40))}” is not a number`,
        )
    }
  }

  #skipBlanks(): void {
    while (this.#at < this.#end && isBlank(this.#bytes[this.#at])) this.#at++
  }

  /** Behind the word. */
  #skipWord(): number {
    while (this.#at < this.#end && !isBlank(this.#bytes[this.#at])) this.#at++
    return this.#at
  }
}
