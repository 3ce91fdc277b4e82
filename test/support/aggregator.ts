import fc from 'fast-check'
import { AggregatorTask } from '../../services/aggregator/aggregator-task.ts'
import { type AggregatorConfig, aggregatorSection } from '../../services/aggregator/config.ts'
import { RollUpTask } from '../../services/aggregator/roll-up-task.ts'
import type { PartialBatch, PointBatch, Series, SeriesKind } from '../../shared/avro/types.ts'
import type { StreamRecord, Task } from '../../shared/stream/task.ts'
import { RecordingOutput } from './recording-output.ts'
import { record, taskContext, topics } from './task-context.ts'

/** A multiple of an hour, so that all windows begin here. */
export const begin = 1_699_999_200_000
export const second = 1_000

export const settings = (some: Partial<Record<keyof AggregatorConfig, unknown>> = {}): AggregatorConfig =>
  aggregatorSection.schema.parse({
    sizesMs: [10 * second],
    disorderMs: 2 * second,
    latenessMs: 20 * second,
    ...some,
  })

export const seriesOf = (
  metric: string,
  tags: Readonly<Record<string, string>> = {},
  kind: SeriesKind = 'gauge',
): Series => ({
  metric,
  tags: Object.entries(tags)
    .map(([key, value]) => ({ key, value }))
    .sort((a, b) => (a.key < b.key ? -1 : 1)),
  kind,
  unit: '',
})

/** One point of a series, `at` in seconds after the beginning. */
export interface Point {
  readonly series: Series
  readonly at: number
  readonly value: number
}

/** Points of one source, in columns. */
export function batchOf(
  points: readonly Point[],
  { source = 0, sources = 0, readUpTo = 0 } = {},
): PointBatch {
  const series = [...new Set(points.map((point) => point.series))]
  return {
    source: {
      topic: 'raw',
      partition: source,
      firstOffset: 0,
      lastOffset: 0,
      lastTimestamp: readUpTo,
      partitions: sources,
    },
    series,
    seriesIndex: points.map((point) => series.indexOf(point.series)),
    times: points.map(({ at }) => begin + at * second),
    values: points.map(({ value }) => value),
    histograms: [],
  }
}

type AnyTask = Task<PointBatch> & Required<Pick<Task<PointBatch>, 'beforeCommit' | 'resumePoint' | 'restore'>>

export const pointsTask = (config: AggregatorConfig, memo?: string, partitions = 1): AnyTask =>
  new AggregatorTask(config, topics, taskContext({ topic: 'telemetry.points', partitions }), memo)

export const rollUpTask = (config: AggregatorConfig, memo?: string) =>
  new RollUpTask(config, topics, taskContext({ topic: 'telemetry.partials' }), memo)

/** What happens to a partition: a record, or a quiet time, short or long. */
export type Happening = StreamRecord<PointBatch> | 'quiet' | 'long quiet'

export function feed<In>(
  running: Task<In>,
  log: readonly (StreamRecord<In> | 'quiet' | 'long quiet')[],
  out: RecordingOutput,
): void {
  for (const entry of log) {
    if (typeof entry !== 'string') running.process([entry], out, new AbortController().signal)
    else for (const step of running.quiet!.slice(0, entry === 'quiet' ? 1 : 2)) step.act(out)
  }
}

/** Commits as the runtime does, and lets a new task go on from there, as after a crash. Undefined when nothing was committed yet. */
export function restart<In>(
  running: Task<In>,
  past: readonly (StreamRecord<In> | 'quiet' | 'long quiet')[],
  out: RecordingOutput,
  create: (memo: string) => Task<In>,
): Task<In> | undefined {
  running.beforeCommit!(out)
  const resume = running.resumePoint!()
  if (!resume) return undefined
  const next = create(resume.memo)
  for (const [key, value] of out.state) next.restore!(key, value)
  const again = past.filter((entry) => typeof entry !== 'string' && entry.offset >= resume.offset)
  // What comes of it was committed before the crash.
  next.process(again as StreamRecord<In>[], new RecordingOutput(), new AbortController().signal)
  return next
}

/** The log that a task has written to one topic, as the next task reads it. */
export const partialsOf = (out: RecordingOutput): readonly StreamRecord<PartialBatch>[] =>
  out.of(topics.partials).map((value, offset) => record(offset, value, { timestamp: value.timestamp }))

/** Points of counters, gauges, deltas and distributions of some hosts, in any order within a minute and a half. */
const anyPoint: fc.Arbitrary<Point> = fc
  .record({
    kind: fc.constantFrom('gauge', 'counter', 'delta', 'distribution'),
    host: fc.constantFrom('a', 'b', 'c'),
    at: fc.integer({ min: -40, max: 10 }),
    value: fc.oneof(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.integer({ min: 0, max: 20 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
  })
  .map(({ kind, host, at, value }) => ({
    series: interned(seriesOf(kind, { host, region: host === 'c' ? 'south' : 'north' }, kind as SeriesKind)),
    at,
    value,
  }))

const known = new Map<string, Series>()
function interned(series: Series): Series {
  const key = JSON.stringify(series)
  const found = known.get(key) ?? series
  known.set(key, found)
  return found
}

/** A log with disorder, lateness, gaps in its offsets, quiet times and several sources; event time goes forward by and by. */
export const anyLog: fc.Arbitrary<readonly Happening[]> = fc
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
          points: fc.array(anyPoint, { minLength: 1, maxLength: 5 }),
        }),
      },
      { weight: 1, arbitrary: fc.constantFrom('quiet' as const, 'long quiet' as const) },
    ),
    { minLength: 2, maxLength: 50 },
  )
  .map((events) => {
    let offset = 0
    let timestamp = begin
    let now = 0
    return events.map((event): Happening => {
      if (typeof event === 'string') return event
      offset += 2
      timestamp += event.appendedAfterMs
      now += event.forward
      const points = event.points.map((point) => ({ ...point, at: point.at + now }))
      return record(offset, batchOf(points, { source: event.source }), {
        timestamp: Math.max(timestamp, begin + now * second),
      })
    })
  })
