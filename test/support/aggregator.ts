import { AggregatorTask } from '../../services/aggregator/aggregator-task.ts'
import { type AggregatorConfig, aggregatorSection } from '../../services/aggregator/config.ts'
import { RollUpTask } from '../../services/aggregator/roll-up-task.ts'
import { noSamples } from '../../services/normalizer/point-columns.ts'
import type {
  Exemplar,
  Histogram,
  PartialBatch,
  PointBatch,
  Series,
  SeriesKind,
  Window,
} from '../../shared/avro/types.ts'
import { discarded } from '../../shared/stream/output-buffer.ts'
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

/** One point of a series, `at` in seconds after the beginning: a sample or reading, or a histogram, whose place in a batch is filled in later. */
export interface Point {
  readonly series: Series
  readonly at: number
  readonly value: number | Histogram
  readonly exemplar?: Exemplar
}

export const timeOf = ({ at }: Point) => begin + at * second

/** Explicit buckets up to 1, 10, 100 and above, unless told otherwise. */
export const histogramOf = (some: Partial<Histogram>): Histogram => ({
  seriesIndex: 0,
  time: 0,
  form: 'explicit',
  count: some.counts?.reduce((sum, count) => sum + count, 0) ?? 0,
  sum: Number.NaN,
  ...noSamples,
  bounds: [1, 10, 100],
  ...some,
})

/** Points of one source, in columns. */
export function batchOf(
  points: readonly Point[],
  {
    source = 0,
    sources = 0,
    readUpTo = 0,
    sourceIsIdle = null,
    sourceTime = null,
  }: Partial<Record<'source' | 'sources' | 'readUpTo', number>> &
    Partial<Pick<PointBatch, 'sourceIsIdle' | 'sourceTime'>> = {},
): PointBatch {
  const series = [...new Set(points.map((point) => point.series))]
  const samples = points.filter(({ value }) => typeof value === 'number')
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
    seriesIndex: samples.map((point) => series.indexOf(point.series)),
    times: samples.map(timeOf),
    values: samples.map(({ value }) => value as number),
    histograms: points.flatMap((point) =>
      typeof point.value === 'number'
        ? []
        : [{ ...point.value, seriesIndex: series.indexOf(point.series), time: timeOf(point) }],
    ),
    exemplars: points.flatMap(({ exemplar, ...point }) =>
      exemplar ? [{ seriesIndex: series.indexOf(point.series), time: timeOf(point), exemplar }] : [],
    ),
    packed: null,
    sourceIsIdle,
    sourceTime,
  }
}

type AnyTask = Task<PointBatch> & Required<Pick<Task<PointBatch>, 'beforeCommit' | 'resumePoint' | 'restore'>>

export const pointsTask = (config: AggregatorConfig, memo?: string, partitions = 1): AnyTask =>
  new AggregatorTask(config, topics, taskContext({ topic: 'telemetry.points', partitions }), memo)

export const rollUpTask = (config: AggregatorConfig, memo?: string) =>
  new RollUpTask(config, topics, taskContext({ topic: 'telemetry.partials' }), memo)

/** A time in which nothing comes, by how many of its steps are taken. */
const quietSteps = { quiet: 1, 'long quiet': 2, 'endless quiet': 3 } as const
export type Quiet = keyof typeof quietSteps

/** What happens to a partition: a record, or a quiet time. */
export type Happening = StreamRecord<PointBatch> | Quiet

export function feed<In>(
  running: Task<In>,
  log: readonly (StreamRecord<In> | Quiet)[],
  out: RecordingOutput,
): void {
  for (const entry of log) {
    if (typeof entry !== 'string') running.process([entry], out, new AbortController().signal)
    else for (const step of running.quiet!.slice(0, quietSteps[entry])) step.act(out)
  }
}

/** Commits as the runtime does, and lets a new task go on from there, as after a crash. Undefined when nothing was committed yet. */
export function restart<In>(
  running: Task<In>,
  past: readonly (StreamRecord<In> | Quiet)[],
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
  next.process(again as StreamRecord<In>[], discarded, new AbortController().signal)
  return next
}

/** Runs a log with crashes at these places, each after a commit, the outputs since which are lost. */
export function withCrashes<Entry>(
  log: readonly Entry[],
  crashes: readonly number[],
  step: (from: number, to: number) => void,
  crash: (at: number) => void,
): void {
  const places = [...new Set(crashes.map((place) => place % log.length))].sort((a, b) => a - b)
  let from = 0
  for (const place of places) {
    step(from, place)
    crash(place)
    from = place
  }
  step(from, log.length)
}

/** The log that a task has written to one topic, as the next task reads it. */
export const partialsOf = (out: RecordingOutput): readonly StreamRecord<PartialBatch>[] =>
  out.of(topics.partials).map((value, offset) => record(offset, value, { timestamp: value.timestamp }))

/** A record to be: its points, and where they come from. */
export interface Written {
  readonly points: readonly Point[]
  readonly source?: number
  readonly sources?: number
  /** Seconds after the beginning. */
  readonly readUpTo?: number
  /** Likewise; by default when its latest event happened, or with the record before it. */
  readonly appendedAt?: number
  /** What the reader of the source says of it; by default nothing. */
  readonly isIdle?: boolean
  /** In seconds likewise: what it says without points of the latest event that the source has shown. */
  readonly sourceTime?: number
}

/** A log of these records, in order, with gaps in its offsets. */
export function written(
  ...records: readonly (readonly Point[] | Written)[]
): readonly StreamRecord<PointBatch>[] {
  let appendedAt = 0
  return records.map((one, i) => {
    const { points, readUpTo, isIdle, sourceTime, ...more }: Written = 'points' in one ? one : { points: one }
    appendedAt = more.appendedAt ?? Math.max(appendedAt, ...points.map(({ at }) => at))
    const value = batchOf(points, {
      ...more,
      ...(readUpTo !== undefined && { readUpTo: begin + readUpTo * second }),
      ...(sourceTime !== undefined && { sourceTime: begin + sourceTime * second }),
      sourceIsIdle: isIdle ?? null,
    })
    return record(i * 2, value, { timestamp: begin + appendedAt * second })
  })
}

/** What the first step makes of a log. */
export function run(
  config: AggregatorConfig,
  log: readonly Happening[],
): { readonly out: RecordingOutput; readonly windows: readonly Window[] } {
  const out = new RecordingOutput()
  feed(pointsTask(config), log, out)
  return { out, windows: windowsOf(out) }
}

export const windowsOf = (out: RecordingOutput): readonly Window[] =>
  out.of(topics.windows).flatMap(({ windows }) => windows)

/** Windows in seconds after the beginning, with some of their figures. */
export const brief = <Field extends keyof Window>(windows: readonly Window[], ...fields: readonly Field[]) =>
  windows.map(({ start, sizeMs, revision, ...window }) => ({
    from: (start - begin) / second,
    to: (start + sizeMs - begin) / second,
    revision,
    ...(Object.fromEntries(fields.map((field) => [field, (window as Partial<Window>)[field]])) as Pick<
      Window,
      Field
    >),
  }))
