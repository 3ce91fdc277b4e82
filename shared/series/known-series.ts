import type { Series, SeriesKind, Tag } from '../avro/types.ts'
import { hashText, seriesKey } from './series.ts'

/** Bytes of many series together: an array for those of each would take a hundred bytes more. */
const slabBytes = 65_536
let slab = new Uint8Array(slabBytes)
let used = 0

/**
 * A series that is met in record after record: its key and its Avro bytes are made once. It is written and compared as
 * any series is.
 */
export class KnownSeries implements Series {
  readonly metric: string
  readonly tags: readonly Tag[]
  readonly kind: SeriesKind
  readonly unit: string
  #key: string | undefined
  /** Where its Avro bytes lie, once somebody has read or written them; it stays as long as one of its series does. */
  #slab: Uint8Array | undefined
  #from = 0
  #to = 0

  constructor({ metric, tags, kind, unit }: Series) {
    this.metric = metric
    this.tags = tags
    this.kind = kind
    this.unit = unit
  }

  get key(): string {
    this.#key ??= seriesKey(this)
    return this.#key
  }

  /** Keeps a copy of its Avro bytes. */
  keepEncoded(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from
    if (used + length > slab.length) {
      slab = new Uint8Array(Math.max(slabBytes, length))
      used = 0
    }
    slab.set(bytes.subarray(from, to), used)
    this.#slab = slab
    this.#from = used
    this.#to = used + length
    used = this.#to
  }

  /** The length of its Avro bytes, 0 when they are not known. */
  get encodedLength(): number {
    return this.#to - this.#from
  }

  /** Whether its Avro bytes stand at `at`. */
  isEncodedAt(bytes: Uint8Array, at: number): boolean {
    const own = this.#slab!
    for (let i = this.#from, j = at; i < this.#to; i++, j++) if (own[i] !== bytes[j]) return false
    return true
  }

  /** Writes its Avro bytes at `at`. */
  writeEncoded(into: Uint8Array, at: number): void {
    const own = this.#slab!
    for (let i = this.#from, j = at; i < this.#to; i++, j++) into[j] = own[i]!
  }
}

/** As seriesKey, and made once if the series is a known one. */
export const keyOf = (series: Series) => (series instanceof KnownSeries ? series.key : seriesKey(series))

/** Texts that are held once, however many series have them. */
let texts = new Map<string, string>()

/** Beyond so many the table begins anew, so that tags that never come again do not stay for ever. */
const maxTexts = 1_000_000

function once(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= maxTexts) texts = new Map()
  texts.set(text, text)
  return text
}

/** Tags that are held once, however many series of a host have the same, by the hash of their texts. */
let tagSets = new Map<number, readonly Tag[]>()

function onceTags(tags: readonly Tag[]): readonly Tag[] {
  let hash = tags.length
  for (const { key, value } of tags) hash = Math.imul(hash ^ hashText(key), 31) ^ hashText(value)
  // So that it is a small integer.
  hash &= 0x3fff_ffff
  const known = tagSets.get(hash)
  if (known && areEqual(known, tags)) return known
  if (tagSets.size >= maxTexts) tagSets = new Map()
  const kept = tags.map(({ key, value }) => ({ key: once(key), value: once(value) }))
  tagSets.set(hash, kept)
  return kept
}

const areEqual = (some: readonly Tag[], others: readonly Tag[]) =>
  some.length === others.length &&
  some.every(({ key, value }, i) => key === others[i]!.key && value === others[i]!.value)

/** The same series in less memory, to be kept: decoding makes each text anew, and arrays with room to grow. */
export const known = (series: Series): KnownSeries =>
  series instanceof KnownSeries
    ? series
    : new KnownSeries({
        metric: once(series.metric),
        tags: onceTags(series.tags),
        kind: series.kind,
        unit: once(series.unit),
      })
