import { type NormalizerConfig, normalizerSection } from '../../services/normalizer/config.ts'
import { NormalizerTask } from '../../services/normalizer/normalizer-task.ts'
import type { PointBatch } from '../../shared/avro/types.ts'
import { unpacked } from '../../shared/points/unpack.ts'
import { seriesKey } from '../../shared/series/series.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import { RecordingOutput } from './recording-output.ts'
import { record, taskContext, topics } from './task-context.ts'

/** When the records were taken by the broker, and what the worker's clock says: 2023-11-14T22:13:20Z. */
export const now = 1_700_000_000_000

export const normalizerDefaults: NormalizerConfig = normalizerSection.schema.parse({})

interface NormalizeOptions {
  readonly settings?: Partial<NormalizerConfig>
  readonly partitions?: number
  readonly headers?: Readonly<Record<string, Buffer>>
}

/** What the normalizer makes of raw records of the topic `raw`, through the task itself. */
export function normalize(
  values: readonly (string | Buffer | null)[],
  { settings = {}, partitions = 1, headers = {} }: NormalizeOptions = {},
) {
  const task = new NormalizerTask(
    { ...normalizerDefaults, ...settings },
    topics,
    taskContext({ topic: 'raw', partitions, now }),
  )
  const out = new RecordingOutput()
  const records = values.map(
    (value, offset): StreamRecord<Buffer | null> =>
      record(offset, value === null ? null : Buffer.from(value as string), {
        topic: 'raw',
        timestamp: now,
        headers,
      }),
  )
  task.process(records, out)
  task.beforeCommit(out)
  return {
    out,
    task,
    points: out.of(topics.points).flatMap(pointsOf),
    histograms: out.of(topics.points).flatMap(histogramsOf),
    series: out.of(topics.points).flatMap(({ series }) => series),
    exemplars: out.of(topics.points).flatMap(exemplarsOf),
    logs: out.of(topics.logs).flatMap(({ logs }) => logs),
    spans: out.of(topics.spans).flatMap(({ spans }) => spans),
  }
}

/** `series time value` of each point. */
export const pointsOf = (batch: PointBatch) => {
  const { series, seriesIndex, times, values } = unpacked(batch)
  return seriesIndex.map((index, i) => [seriesKey(series[index]!), times[i], values[i]] as const)
}

const histogramsOf = ({ series, histograms }: PointBatch) =>
  histograms.map(({ seriesIndex, ...histogram }) => ({
    series: seriesKey(series[seriesIndex]!),
    ...histogram,
  }))

const exemplarsOf = ({ series, exemplars }: PointBatch) =>
  exemplars.map(
    ({ seriesIndex, time, exemplar }) => [seriesKey(series[seriesIndex]!), time, exemplar] as const,
  )
