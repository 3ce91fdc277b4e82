import type { Series, SeriesKind, Tag } from '../avro/types.ts'
import { seriesKey } from './series.ts'

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
  #encoded: Uint8Array | undefined

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

  /** Its Avro bytes, once somebody has read or written them. */
  get encoded(): Uint8Array | undefined {
    return this.#encoded
  }

  set encoded(bytes: Uint8Array) {
    this.#encoded = bytes
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

/** The same series in less memory, to be kept: decoding makes each text anew, and arrays with room to grow. */
export const known = (series: Series): KnownSeries =>
  series instanceof KnownSeries
    ? series
    : new KnownSeries({
        metric: once(series.metric),
        tags: series.tags.map(({ key, value }) => ({ key: once(key), value: once(value) })),
        kind: series.kind,
        unit: once(series.unit),
      })
