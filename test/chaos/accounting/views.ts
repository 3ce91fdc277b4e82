import type { Series, Tag } from '../../../shared/avro/types.ts'
import { seriesKey } from '../../../shared/series/series.ts'
import type { Ledger } from '../ledger.ts'
import { counter, type Point } from '../telemetry.ts'

/** Series of one metric put together by some of their tags. */
export interface RollUp {
  /** The last part of the metric's name. */
  readonly field: string
  readonly by: readonly string[]
  /** The last part of the name of what comes of it. */
  readonly as: string
}

type SeriesIdentity = Pick<Series, 'metric' | 'tags'>

/** A window that must be there, with the very values that it must hold. */
export interface ExpectedWindow {
  readonly series: SeriesIdentity
  readonly start: number
  readonly sizeMs: number
  /** Ascending. */
  readonly values: readonly number[]
}

/** The identity of a window. */
export const windowKey = (window: {
  readonly series: SeriesIdentity
  readonly start: number
  readonly sizeMs: number
}) => `${seriesKey(window.series)}@${window.start}/${window.sizeMs}`

/** All windows that follow from what was published: of each series, and of each roll-up, in each length. */
export function expectedWindows(
  ledger: Ledger,
  sizesMs: readonly number[],
  rollUps: readonly RollUp[],
): ReadonlyMap<string, ExpectedWindow> {
  const windows = new Map<string, ExpectedWindow & { readonly values: number[] }>()
  for (const points of ledger.series) {
    const own = points[0]!
    const samples = own.metric.endsWith(`.${counter.field}`) ? ratesOf(points) : points
    const rolledUp = rollUps.flatMap((rule) => rolledUpSeries(own, rule) ?? [])
    for (const series of [own, ...rolledUp]) {
      for (const sizeMs of sizesMs) {
        for (const { time, value } of samples) {
          const window = { series, start: Math.floor(time / sizeMs) * sizeMs, sizeMs }
          const key = windowKey(window)
          const known = windows.get(key)
          if (known) known.values.push(value)
          else windows.set(key, { ...window, values: [value] })
        }
      }
    }
  }
  for (const { values } of windows.values()) values.sort((a, b) => a - b)
  return windows
}

/** The samples of a counter: a rate for each reading but the first, in the order of time. Two of the same time are one. */
function ratesOf(readings: readonly Point[]): readonly Pick<Point, 'time' | 'value'>[] {
  const times = [...new Set(readings.map(({ time }) => time))].sort((a, b) => a - b)
  return times.slice(1).map((time) => ({ time, value: counter.rate }))
}

/** The series that a rule puts this one into, or undefined. */
function rolledUpSeries(
  { metric, tags }: SeriesIdentity,
  { field, by, as }: RollUp,
): SeriesIdentity | undefined {
  if (!metric.endsWith(`.${field}`)) return undefined
  const kept: readonly Tag[] = tags.filter(({ key }) => by.includes(key))
  return { metric: metric.slice(0, -field.length) + as, tags: kept }
}
