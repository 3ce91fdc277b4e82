import { seriesKey } from '../../../../shared/series/series.ts'
import type { Events } from '../../format.ts'
import type { SeriesRef } from '../../series-cache.ts'
import { ByteCache, type Known } from '../parts/byte-cache.ts'
import { type Family, isCounted, kindOf, type Role, roleIn } from './family.ts'
import { parseNameAndLabels } from './labels.ts'
import { unitInName } from './units.ts'

/** What all samples share that begin with the same `name{labels}` and stand under the same declaration. */
export interface SampleHead extends Known {
  /** The declaration that it stands under. */
  readonly under: Family | undefined
  /** That declaration, if the sample is of it. */
  readonly family: Family | undefined
  readonly role: Role
  /** Of histograms and summaries: of the whole, without the labels `le` and `quantile`. */
  readonly series: SeriesRef
  /** The identity of that series. */
  readonly key: string
  /** The bucket's upper bound, or the quantile; NaN when its label is no number. */
  readonly bound: number
}

/** The beginnings of samples, by their bytes. */
export class SampleHeads {
  readonly #heads: ByteCache<SampleHead>

  constructor(size: number) {
    this.#heads = new ByteCache(size)
  }

  /** The head in bytes [from, to), of which `hash` is the hash. Throws BadRecordError. */
  at(
    bytes: Buffer,
    from: number,
    to: number,
    hash: number,
    under: Family | undefined,
    events: Events,
  ): SampleHead {
    const known = this.#heads.get(bytes, from, to, hash)
    if (known && known.under === under) return known
    const head = readHead(Buffer.from(bytes.subarray(from, to)), under, events)
    this.#heads.set(hash, head)
    return head
  }
}

function readHead(bytes: Buffer, under: Family | undefined, events: Events): SampleHead {
  const { name, labels } = parseNameAndLabels(bytes.toString('utf8'))
  const role = under && roleIn(under, name)
  const family = role && under
  // Samples of a histogram or summary have one series together, those of other families one each.
  const together = family !== undefined && isCounted(family)
  const boundLabel = role === 'bucket' ? 'le' : role === 'quantile' ? 'quantile' : undefined
  const bound = labels.find(({ key }) => key === boundLabel)?.value
  const metric = together ? family.name : name
  const series = events.series(
    metric,
    bound === undefined ? labels : labels.filter(({ key }) => key !== boundLabel),
    kindOf(family),
    family?.unit || unitInName(metric),
  )
  return {
    bytes,
    under,
    family,
    role: role ?? 'value',
    series,
    key: seriesKey(series.series),
    bound: boundIn(bound),
  }
}

/** NaN of none. */
function boundIn(text: string | undefined): number {
  if (!text?.trim()) return Number.NaN
  return /^\+?inf(inity)?$/i.test(text) ? Infinity : Number(text)
}
