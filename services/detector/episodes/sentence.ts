import type { AnomalyState, Episode, Series, Severity } from '../../../shared/avro/types.ts'
import type { AnomalyKind } from '../series-detector.ts'

interface Incident {
  readonly series: Series
  readonly statistic: string
  readonly sizeMs: number
  readonly episode: Episode
  readonly state: AnomalyState
  readonly severity: Severity
}

/** An incident in a sentence for a person who reads only this one. Times are UTC. */
export function sentenceOf({ series, statistic, sizeMs, episode, state, severity }: Incident): string {
  const { start, last, peak } = episode
  const what = `${nameOf(series)}: ${deeds[peak.kind as AnomalyKind](statistic, numbersOf(episode))}`
  if (state === 'withdrawn') return `Withdrawn, late data have shown that all is normal: ${what}`
  const from = timeOf(start)
  const when =
    state === 'closed'
      ? `from ${from} to ${timeOf(last + sizeMs)}, ${lengthOf(last + sizeMs - start)}`
      : `since ${from}`
  return `${what} (${severity}, ${when})`
}

interface Numbers {
  readonly value: string
  readonly expected: string
  readonly range: string
}

const deeds: Readonly<Record<AnomalyKind, (statistic: string, numbers: Numbers) => string>> = {
  spike: (statistic, { value, range }) => `${statistic} rose to ${value}, normal is ${range}`,
  drop: (statistic, { value, range }) => `${statistic} fell to ${value}, normal is ${range}`,
  'level-shift': (statistic, { value, expected, range }) =>
    `${statistic} moved to another level: ${value} instead of ${expected}, normal is ${range}`,
  trend: (statistic, { value, range }) => `${statistic} has drifted to ${value}, normal is ${range}`,
  variance: (statistic, { value, range }) =>
    `${statistic} varies unlike before: ${value}, normal is ${range}`,
  'flat-line': (statistic, { value }) => `${statistic} does not move any more: it stays at ${value}`,
  missing: (statistic, { value }) => `nothing comes any more, ${statistic} was ${value}`,
  shape: (statistic, { value, range }) =>
    `${statistic} behaves as never before: ${value}, normal is ${range}`,
  peer: (statistic, { value, range }) => `${statistic} is unlike its peers: ${value}, theirs is ${range}`,
}

const numbersOf = ({ peak: { value, expected, lower, upper } }: Episode): Numbers => ({
  value: short(value),
  expected: short(expected),
  range: rangeOf(lower, upper),
})

function rangeOf(lower: number, upper: number): string {
  if (Number.isFinite(lower) && Number.isFinite(upper)) return `${short(lower)} to ${short(upper)}`
  if (Number.isFinite(upper)) return `up to ${short(upper)}`
  return Number.isFinite(lower) ? `${short(lower)} and more` : 'not known yet'
}

/** Strangers choose tags: a sentence names so many characters of them. */
const maxNameLength = 300

export function nameOf({ metric, tags }: Series): string {
  const name =
    tags.length === 0 ? metric : `${metric}{${tags.map(({ key, value }) => `${key}=${value}`).join(', ')}}`
  return name.length <= maxNameLength ? name : `${name.slice(0, maxNameLength - 1)}…`
}

/** Four significant digits. */
function short(value: number): string {
  if (!Number.isFinite(value)) return 'unknown'
  const rounded = Number(value.toPrecision(4))
  const size = Math.abs(rounded)
  return size !== 0 && (size < 1e-3 || size >= 1e7) ? rounded.toExponential() : String(rounded)
}

/** `2026-01-31 12:03:10`. */
export const timeOf = (time: number) => new Date(time).toISOString().slice(0, 19).replace('T', ' ')

/** `40 s`, `5 min`, `2 h 10 min`. */
export function lengthOf(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} min`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
