import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PointBatch, Window } from '../../../../shared/avro/types.ts'
import { seriesKey } from '../../../../shared/series/series.ts'
import { begin, type Point, second, settings, timeOf } from '../../../support/aggregator.ts'
import { anyTelemetry, logOf, type TelemetryEvent } from '../../../support/any-telemetry.ts'
import { type BothSteps, runBothSteps } from '../../../support/both-steps.ts'
import { type FinalWindow, finalWindows, identityOf } from '../../../support/reference.ts'
import { topics } from '../../../support/task-context.ts'

const partitions = 3

const config = settings({
  sizesMs: [10 * second, 30 * second, 120 * second],
  sliding: [
    { sizeMs: 60 * second, stepMs: 30 * second },
    { sizeMs: 40 * second, stepMs: 10 * second },
  ],
  counterGapMs: 60 * second,
  stateIntervalMs: 30 * second,
  rollUps: [
    ...['gauge', 'counter', 'delta', 'distribution', 'set', 'histogram', 'counting histogram'].map(
      (metric) => ({
        metric,
        by: ['region'],
      }),
    ),
    { metric: 'dist*', where: { host: '*' }, by: [], name: 'all' },
  ],
  ratios: [
    {
      name: 'by default',
      numerator: { metric: 'delta' },
      denominator: { metric: 'counter' },
      by: ['region'],
    },
    {
      name: 'share of host a',
      numerator: { metric: 'histogram', where: { host: 'a' } },
      denominator: { metric: 'histogram' },
    },
    {
      name: 'by figure',
      numerator: { metric: 'counter', figure: 'mean' },
      denominator: { metric: 'delta', figure: 'sum' },
    },
  ],
  apdexes: [{ name: 'apdex', metric: 'distribution', threshold: 5, by: ['region'] }],
})

const windowsOf = ({ first, second }: BothSteps): readonly Window[] =>
  [...first, ...second].flatMap((out) => out.of(topics.windows)).flatMap(({ windows }) => windows)

const pointsOf = ({ series, seriesIndex, times, values, histograms }: PointBatch): readonly Point[] => [
  ...times.map((time, i) => ({
    series: series[seriesIndex[i]!]!,
    at: (time - begin) / second,
    value: values[i]!,
  })),
  ...histograms.map((value) => ({
    series: series[value.seriesIndex]!,
    at: (value.time - begin) / second,
    value,
  })),
]

const sameness = ({ series, at, value }: Point) =>
  JSON.stringify([
    seriesKey(series),
    timeOf({ series, at, value }),
    typeof value === 'number' ? value : { ...value, seriesIndex: 0, time: 0 },
  ])

/** The points that went elsewhere than to a window: to the late topic, or refused one by one. */
function elsewhere(events: readonly TelemetryEvent[], { first }: BothSteps): readonly Point[] {
  return first.flatMap((out, partition) => {
    const log = logOf(events, { partition, partitions }).filter((entry) => typeof entry !== 'string')
    const refused = out.rejected.flatMap(({ offset, refusals }) => {
      const points = pointsOf(log.find((entry) => entry.offset === offset)!.value)
      return refusals.map(({ position }) => points[position]!)
    })
    return [...out.of(topics.late).flatMap(pointsOf), ...refused]
  })
}

/** Fails when one of `those` is not among the points. */
function without(points: readonly Point[], those: readonly Point[]): readonly Point[] {
  const left = [...points]
  for (const one of those) {
    const at = left.findIndex((point) => sameness(point) === sameness(one))
    expect(at).not.toBe(-1)
    left.splice(at, 1)
  }
  return left
}

/** The last revision of each window, without those that are empty in the end. */
function lastRevisions(windows: readonly Window[]) {
  const last = new Map<string, FinalWindow>()
  const revisions = new Map<string, number>()
  for (const { revision, ...window } of windows) {
    const identity = identityOf(window)
    const before = revisions.get(identity)
    if (before !== undefined) expect(revision).toBe(before + 1)
    revisions.set(identity, revision)
    last.set(identity, window)
    if (isEmpty(window)) expect(revision).toBeGreaterThan(0)
  }
  return new Map([...last].filter(([, window]) => !isEmpty(window)))
}

const isEmpty = ({ count, denominator, distinct }: FinalWindow) => count === 0 && !denominator && !distinct

/** What differs, field by field: found and wanted. */
function differences(found: ReadonlyMap<string, FinalWindow>, wanted: readonly FinalWindow[]) {
  const byIdentity = new Map(wanted.map((window) => [identityOf(window), window]))
  return [...new Set([...found.keys(), ...byIdentity.keys()])].flatMap((identity): readonly object[] => {
    const [one, other] = [found.get(identity), byIdentity.get(identity)]
    if (!one || !other) return [{ identity, only: one ? 'found' : 'wanted', count: (one ?? other)!.count }]
    return (Object.keys(other) as (keyof FinalWindow)[])
      .filter((field) => !isDeepStrictEqual(toPlain(one[field]), toPlain(other[field])))
      .map((field) => ({ identity, field, found: one[field], wanted: other[field] }))
  })
}

/** Without the classes that decoding gives. */
const toPlain = (value: FinalWindow[keyof FinalWindow]) =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value

/** Longer than the telemetry. */
const neverLate = settings({ ...config, latenessMs: 21_600_000 })

describe('the aggregator', () => {
  it.each([
    ['with late points', config],
    ['when nothing can come late', neverLate],
    ['without lateness', settings({ ...config, latenessMs: 0 })],
  ])('comes to what all points that were not late make at once, whatever happens: %s', (_, chosen) => {
    fc.assert(
      fc.property(
        anyTelemetry,
        fc.array(fc.nat(), { maxLength: 3 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
        (events, crashes, turns) => {
          const outcome = runBothSteps(events, chosen, partitions, { crashes, turns })
          const points = events.flatMap((event) => (typeof event === 'string' ? [] : event.points))
          const counted = without(points, elsewhere(events, outcome))
          expect(differences(lastRevisions(windowsOf(outcome)), finalWindows(counted, chosen))).toEqual([])
          if (chosen === neverLate) expect(outcome.first.flatMap((out) => out.of(topics.late))).toEqual([])
        },
      ),
      // A failure is told even if there was no time to make it small.
      { numRuns: 100, interruptAfterTimeLimit: 30_000 },
    )
  })
})
