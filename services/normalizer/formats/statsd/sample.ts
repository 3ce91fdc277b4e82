import type { SeriesKind, Tag } from '../../../../shared/avro/types.ts'
import { BadRecordError } from '../../../../shared/errors.ts'
import type { EventTime } from '../../../../shared/stream/task.ts'
import type { Events } from '../../format.ts'
import type { SeriesRef } from '../../series-cache.ts'
import { splitTags } from './tags.ts'

/** What a line says beside its values. */
export interface Sample {
  readonly series: SeriesRef
  readonly kind: SeriesKind
  readonly rate: number
  /** Undefined when the line has none. */
  readonly time: EventTime | undefined
  /** Further samples of the same name, `value|type…`, as Etsy's StatsD takes them on one line; empty when there are none. */
  readonly next: string
}

interface Type {
  readonly kind: SeriesKind
  readonly unit: string
}

const types: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['c', { kind: 'delta', unit: '' }],
  ['g', { kind: 'gauge', unit: '' }],
  ['ms', { kind: 'distribution', unit: 'ms' }],
  ['h', { kind: 'distribution', unit: '' }],
  ['d', { kind: 'distribution', unit: '' }],
  ['s', { kind: 'set', unit: '' }],
])

/** One in a million: what is sampled more rarely is an error. */
const lowestRate = 1e-6

/**
 * Reads `|type|@rate|#tags…`, what follows the values of a line. Only as far as the next sample: a line of many would be gone
 * through once for each of them. Throws BadRecordError.
 */
export function parseSample(name: string, tail: string, events: Events): Sample {
  let [from, to] = sectionOf(tail, tail.indexOf('|') + 1)
  const first = tail.slice(from, to)
  const colon = first.indexOf(':')
  const word = (colon < 0 ? first : first.slice(0, colon)).trim()
  let next = colon < 0 ? '' : tail.slice(from + colon + 1)
  let rate = 1
  let time: EventTime | undefined
  const tags: Tag[] = []
  while (to < tail.length && next === '') {
    ;[from, to] = sectionOf(tail, to + 1)
    const section = tail.slice(from, to)
    const rest = section.slice(1)
    if (section.startsWith('#')) tags.push(...splitTags(rest, ':'))
    else if (section.startsWith('c:')) tags.push({ key: 'container.id', value: section.slice(2) })
    else if (/^T-?\d+$/.test(section)) time = Number(rest) * 1_000
    else if (section.startsWith('@')) {
      const colon = section.indexOf(':')
      if (colon >= 0) next = tail.slice(from + colon + 1)
      rate = rateOf(colon < 0 ? rest : section.slice(1, colon))
    } else if (section.startsWith(':')) next = tail.slice(from + 1)
    // Others are not known yet: newer versions of DogStatsD may add some.
  }
  const type = types.get(word)
  if (!type)
    throw new BadRecordError('unparseable', `“${word.slice(0, 40)}” is no type: c, g, ms, h, d and s are`)
  return { series: seriesOf(name, tags, type, events), kind: type.kind, rate, time, next }
}

/** To the next bar, or the end. */
function sectionOf(tail: string, from: number): [from: number, to: number] {
  const bar = tail.indexOf('|', from)
  return [from, bar < 0 ? tail.length : bar]
}

/** Tags may stand in the name, as `name,key=value` or `name[key=value]`. */
function seriesOf(text: string, tags: readonly Tag[], { kind, unit }: Type, events: Events): SeriesRef {
  const bracket = text.indexOf('[')
  const inBrackets = bracket > 0 && text.endsWith(']')
  const comma = text.indexOf(',')
  const end = inBrackets ? bracket : comma > 0 ? comma : text.length
  const inName = inBrackets ? text.slice(bracket + 1, -1) : text.slice(end + 1)
  return events.series(text.slice(0, end), [...splitTags(inName, '='), ...tags], kind, unit)
}

function rateOf(text: string): number {
  const rate = numberOf(text)
  if (!(rate >= lowestRate && rate <= 1))
    throw new BadRecordError(
      'unparseable',
      `the sample rate “${text.slice(0, 40)}” is not between ${lowestRate} and 1`,
    )
  return rate
}

const decimal = /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/

/** NaN of what is no number. */
export const numberOf = (text: string) => (decimal.test(text) ? Number(text) : Number.NaN)
