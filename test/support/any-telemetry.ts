import fc from 'fast-check'
import type { Series, SeriesKind } from '../../shared/avro/types.ts'
import { seriesKey, seriesPartition } from '../../shared/series/series.ts'
import {
  batchOf,
  begin,
  type Happening,
  histogramOf,
  type Point,
  second,
  seriesOf,
  timeOf,
} from './aggregator.ts'
import { record } from './task-context.ts'

/** What happens before it is known to which partition it goes: points of one source, or a quiet time. */
export type TelemetryEvent =
  | { readonly source: number; readonly points: readonly Point[]; readonly timestamp: number }
  | 'quiet'
  | 'long quiet'

const anyNumber = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.integer({ min: 0, max: 20 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

/** Of a counter: small ones, so that it is often reset, and such before and after an overflow. */
const anyCount = fc.oneof(
  fc.integer({ min: 0, max: 20 }),
  fc.integer({ min: 2 ** 32 - 20, max: 2 ** 32 - 1 }),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
)

/** Buckets that grow with their total, or now and then do not; and some without buckets, with more or less to say of where their samples are. */
const anyHistogram = fc
  .integer({ min: 0, max: 20 })
  .chain((size) =>
    fc.constantFrom(
      histogramOf({ counts: [size % 5, size % 3, size * 10, size % 2], sum: size * 50 }),
      histogramOf({ bounds: [], count: size, sum: size * 50 }),
      histogramOf({ bounds: [], count: size, min: 20, max: 60 }),
    ),
  )

/** A metric a kind, and one more for histograms. */
const anyValue: fc.Arbitrary<{
  readonly metric: string
  readonly kind: SeriesKind
  readonly value: Point['value']
}> = fc.oneof(
  ...(
    [
      ['gauge', 'gauge', anyNumber],
      ['counter', 'counter', anyCount],
      ['delta', 'delta', fc.double({ min: -1e6, max: 1e6, noNaN: true })],
      ['distribution', 'distribution', anyNumber],
      ['set', 'set', fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 2 ** 48 - 1 }))],
      ['histogram', 'distribution', anyHistogram],
      ['counting histogram', 'counter', anyHistogram],
    ] as const
  ).map(([metric, kind, values]) =>
    fc.record({
      metric: fc.constant(metric),
      kind: fc.constant(kind),
      value: values as fc.Arbitrary<Point['value']>,
    }),
  ),
)

/** Within a minute of now, in any order; now and then further ahead than any right clock. */
const anyOffset = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: -40_000, max: 10_000 }).map((ms) => ms / second) },
  { weight: 60, arbitrary: fc.integer({ min: -40, max: 10 }) },
  { weight: 1, arbitrary: fc.constant(4_000) },
)

const anyPoint: fc.Arbitrary<Point> = fc
  .record({ value: anyValue, host: fc.constantFrom('a', 'b', 'c'), at: anyOffset })
  .map(({ value: { metric, kind, value }, host, at }) => ({
    series: interned(seriesOf(metric, { host, region: host === 'c' ? 'south' : 'north' }, kind)),
    at,
    value,
  }))

/** Of every third point: always the same one, so that points that are alike are so altogether. */
function withExemplar(point: Point): Point {
  const { value } = point
  const size = Math.abs(typeof value === 'number' ? value : value.count) % 7
  const time = Math.round(timeOf(point))
  if (!(size < 3) || point.series.kind === 'set') return point
  return { ...point, exemplar: { traceId: `trace-${size}-${time % 5}`, spanId: null, value: size, time } }
}

const known = new Map<string, Series>()
function interned(series: Series): Series {
  const key = seriesKey(series)
  const found = known.get(key) ?? series
  known.set(key, found)
  return found
}

/** Event time goes forward by and by, and sometimes by a leap; what was delivered may be delivered again, right away or later. */
const telemetryOf = (points: fc.Arbitrary<readonly Point[]>): fc.Arbitrary<readonly TelemetryEvent[]> =>
  fc
    .array(
      fc.oneof(
        {
          weight: 14,
          arbitrary: fc.record({
            source: fc.integer({ min: 0, max: 2 }),
            forward: fc.oneof(
              { weight: 8, arbitrary: fc.integer({ min: 0, max: 15 }) },
              { weight: 1, arbitrary: fc.integer({ min: 0, max: 300 }) },
            ),
            appendedAfterMs: fc.integer({ min: 0, max: 8_000 }),
            points,
          }),
        },
        {
          weight: 2,
          arbitrary: fc.record({
            again: fc.integer({ min: 1, max: 5 }),
            afterMs: fc.integer({ min: 0, max: 8_000 }),
          }),
        },
        { weight: 1, arbitrary: fc.constantFrom('quiet' as const, 'long quiet' as const) },
      ),
      { minLength: 2, maxLength: 50 },
    )
    .map((steps) => {
      const events: TelemetryEvent[] = []
      let timestamp = begin
      let now = 0
      for (const step of steps) {
        if (typeof step === 'string') events.push(step)
        else if ('again' in step) {
          const earlier = events.at(-step.again)
          timestamp += step.afterMs
          if (typeof earlier === 'object') events.push({ ...earlier, timestamp })
        } else {
          now += step.forward
          timestamp = Math.max(timestamp + step.appendedAfterMs, begin + now * second)
          const points = step.points.map((point) => withExemplar({ ...point, at: point.at + now }))
          events.push({ source: step.source, points, timestamp })
        }
      }
      return events
    })

export const anyTelemetry = telemetryOf(fc.array(anyPoint, { minLength: 1, maxLength: 5 }))

/** The log of one of so many partitions, with gaps in its offsets, as between two transactions. */
export function logOf(
  events: readonly TelemetryEvent[],
  { partition = 0, partitions = 1 } = {},
): readonly Happening[] {
  const isHere = ({ series }: Point) => seriesPartition(seriesKey(series), partitions) === partition
  let offset = 0
  return events.flatMap((event): readonly Happening[] => {
    if (typeof event === 'string') return [event]
    const { source, timestamp } = event
    const points = event.points.filter(isHere)
    if (points.length === 0) return []
    offset += 2
    return [record(offset, batchOf(points, { source }), { partition, timestamp })]
  })
}

/** The log of a single partition, with disorder, lateness, quiet times and several sources. */
export const anyLog: fc.Arbitrary<readonly Happening[]> = anyTelemetry.map((events) => logOf(events))

/** Of few series of one metric, one at a time, so that they are forgotten and come again, as the limits let them. */
export const anyLogOfFew: fc.Arbitrary<readonly Happening[]> = fc
  .constantFrom<SeriesKind>('gauge', 'counter')
  .chain((kind) =>
    telemetryOf(
      fc
        .record({
          host: fc.constantFrom('a', 'b', 'c', 'd'),
          readings: fc.array(fc.record({ at: fc.integer({ min: -8, max: 0 }), value: fc.nat(20) }), {
            minLength: 1,
            maxLength: 3,
          }),
        })
        .map(({ host, readings }) =>
          readings.map(({ at, value }) => ({
            series: interned(seriesOf(`few ${kind}`, { host }, kind)),
            at,
            value,
          })),
        ),
    ),
  )
  .map((events) => logOf(events))
