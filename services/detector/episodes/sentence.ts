import type { AnomalyState, Deploy, Episode, Meeting, Series, Severity } from '../../../shared/avro/types.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import type { AnomalyKind } from '../series-detector.ts'

interface Incident {
  readonly series: Series
  readonly statistic: string
  readonly sizeMs: number
  readonly episode: Episode
  readonly state: AnomalyState
  readonly severity: Severity
  /** The limit ahead, as seen from the window that starts at `time`. */
  readonly meeting: Meeting | null
  readonly time: EventTime
  /** Shortly after which it began. */
  readonly deploy: Deploy | null
  /** How many siblings it was compared with, if it was. */
  readonly peers?: number | undefined
  /** The fields that are unusual together, the foremost first, if that is it. */
  readonly together?: readonly string[]
}

/** An incident in a sentence for a person who reads only this one. Times are UTC. */
export function sentenceOf(incident: Incident): string {
  const { series, statistic, sizeMs, episode, state, severity, meeting, time, deploy, peers, together } =
    incident
  const { start, last, peak } = episode
  const numbers = numbersOf(episode, series.unit, peers)
  const does = together ? beTogether(together) : deeds[peak.kind as AnomalyKind](statistic, numbers)
  const deed = `${nameOf(series)}: ${does}`
  const what = meeting ? `${deed}; ${foreseen(meeting, time, series.unit)}` : deed
  if (state === 'withdrawn') return `Withdrawn, late data or a marker have shown that all is normal: ${what}`
  const from = timeOf(start)
  const when =
    state === 'closed'
      ? `from ${from} to ${timeOf(last + sizeMs)}, ${lengthOf(last + sizeMs - start)}`
      : `since ${from}`
  const after = deploy ? `; ${sinceDeploy(start, deploy)}` : ''
  return `${what} (${severity}, ${when})${after}`
}

/** So many fields are named. */
const maxNamed = 3

const beTogether = (fields: readonly string[]) =>
  `its fields are together as never before, most of all ${fields.slice(0, maxNamed).join(' and ')}`

/** `began 40 s after deploy checkout 2.14`. The window in which something was deployed begins before that. */
export function sinceDeploy(start: number, { at, text, id }: Pick<Deploy, 'at' | 'text' | 'id'>): string {
  const name = `deploy ${text === '' ? id : cut(text, maxDeployLength)}`
  return start > at ? `began ${lengthOf(start - at)} after ${name}` : `began with ${name}`
}

interface Numbers {
  readonly value: string
  readonly expected: string
  readonly range: string
  readonly isInRange: boolean
  readonly peers: string
}

const deeds: Readonly<Record<AnomalyKind, (statistic: string, numbers: Numbers) => string>> = {
  spike: (statistic, { value, range }) => `${statistic} rose to ${value}, normal is ${range}`,
  drop: (statistic, { value, range }) => `${statistic} fell to ${value}, normal is ${range}`,
  'level-shift': (statistic, { value, expected, range }) =>
    `${statistic} moved to another level: ${value} instead of ${expected}, normal is ${range}`,
  trend: (statistic, { value, range, isInRange }) =>
    isInRange
      ? `${statistic} keeps drifting and is at ${value}`
      : `${statistic} has drifted to ${value}, normal is ${range}`,
  variance: (statistic, { value, range }) =>
    `${statistic} varies unlike before: ${value}, normal is ${range}`,
  'flat-line': (statistic, { value }) => `${statistic} does not move any more: it stays at ${value}`,
  missing: (statistic, { value }) => `nothing comes any more, ${statistic} was ${value}`,
  shape: (statistic, { value, range }) =>
    `${statistic} behaves as never before: ${value}, normal is ${range}`,
  peer: (statistic, { value, range, peers }) => `${statistic} is ${value}, by ${peers} it should be ${range}`,
}

const numbersOf = (
  { peak: { value, expected, lower, upper } }: Episode,
  unit: string,
  peers: number | undefined,
): Numbers => ({
  value: short(value, unit),
  expected: short(expected, unit),
  range: rangeOf(lower, upper, unit),
  isInRange: value >= lower && value <= upper,
  peers: peers ? `its ${peers} siblings` : 'its siblings',
})

function rangeOf(lower: number, upper: number, unit: string): string {
  const [least, most] = [lower, upper].map((one) => short(one, unit))
  if (Number.isFinite(lower) && Number.isFinite(upper)) return `${least} to ${most}`
  if (Number.isFinite(upper)) return `up to ${most}`
  return Number.isFinite(lower) ? `${least} and more` : 'not known yet'
}

/** `at this rate it meets its limit of 16 in 5 h (4 h to 7 h), at 2026-01-31 12:03:10`. */
function foreseen({ limit, at, earliest, latest }: Meeting, time: EventTime, unit: string): string {
  const [soonest, then, longest] = [earliest, at, latest].map((one) => aheadOf(one - time))
  return `at this rate it meets its limit of ${short(limit, unit)} in ${then} (${soonest} to ${longest}), at ${timeOf(at)}`
}

/** About how long, in one unit: `40 s`, `5 min`, `7 h`, `3 days`, `years`. */
function aheadOf(ms: number): string {
  const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
  if (ms < 2 * minute) return `${Math.round(ms / 1_000)} s`
  if (ms < 2 * hour) return `${Math.round(ms / minute)} min`
  if (ms < 2 * day) return `${Math.round(ms / hour)} h`
  return ms < 730 * day ? `${Math.round(ms / day)} days` : 'years'
}

/** Strangers choose tags, and what a deploy is called: a sentence has so many characters of them. */
const maxNameLength = 300
export const maxDeployLength = 100

export function nameOf({ metric, tags }: Series): string {
  const name =
    tags.length === 0 ? metric : `${metric}{${tags.map(({ key, value }) => `${key}=${value}`).join(', ')}}`
  return cut(name, maxNameLength)
}

export const cut = (text: string, length: number) =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Four significant digits; bytes as `16 GB`. */
function short(value: number, unit: string): string {
  if (!Number.isFinite(value)) return 'unknown'
  if (unit === 'By') {
    const power = Math.max(0, Math.min(byteUnits.length - 1, Math.floor(Math.log10(Math.abs(value)) / 3)))
    return `${short(value / 1_000 ** power, '')} ${byteUnits[power]}`
  }
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
