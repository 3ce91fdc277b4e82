import type { NormalizerConfig } from '../../services/normalizer/config.ts'
import { NormalizerTask } from '../../services/normalizer/normalizer-task.ts'
import { withoutLimits } from '../../services/normalizer/tenants/tenant-settings.ts'
import type { LogRecord, PointBatch, Span } from '../../shared/avro/types.ts'
import { unpackedLogs } from '../../shared/logs/unpack.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { createMetrics } from '../../shared/observability/metrics.ts'
import { unpacked } from '../../shared/points/unpack.ts'
import type { Output, StreamRecord } from '../../shared/stream/task.ts'
import { type Topic, topicsOf } from '../../shared/stream/topic.ts'
import { sumOf } from '../up/scrape.ts'

/** Why something of a record is not taken; without a position it is the record. */
interface Refused {
  /** Of the record in the file, from 0. */
  readonly record: number
  /** Of the line or element in the record, from 0. */
  readonly position?: number
  /** Of its numbers, from 0. */
  readonly value?: number
  readonly reason: string
  readonly detail: string
}

/** What the normalizer makes of a sample. */
export interface Outcome {
  readonly points: readonly object[]
  readonly histograms: readonly object[]
  readonly exemplars: readonly object[]
  readonly logs: readonly LogRecord[]
  readonly spans: readonly Span[]
  readonly refused: readonly Refused[]
  /** Points and log events that rules have dropped. */
  readonly dropped: number
}

/**
 * Runs the normalizer itself over raw records, as if the broker had taken them `now` on one partition of `topic`. Asks no
 * server. Throws ConfigurationError when the configuration names an unknown format.
 */
export async function dryRun(
  values: readonly Buffer[],
  config: NormalizerConfig,
  topic: string,
  now: number,
): Promise<Outcome> {
  const topics = topicsOf('telemetry')
  const metrics = createMetrics()
  const task = new NormalizerTask(withoutLimits(config), topics, {
    topic,
    partition: 0,
    log: createLogger('normalize', 'silent'),
    metrics,
    inputPartitions: 1,
    partitionsOf: () => 1,
    now: () => now,
    isOwner: () => true,
  })
  const out = new Gathered()
  if (values.length > 0)
    task.process(
      values.map((value, offset) => recordOf(value, offset, topic, now)),
      out,
    )
  // Log events that wait for a next line have come to the end of the file.
  for (const step of task.quiet) step.act(out)
  task.beforeCommit(out)
  const batches = out.of(topics.points)
  return {
    points: batches.flatMap(pointsOf),
    histograms: batches.flatMap(histogramsOf),
    exemplars: batches.flatMap(exemplarsOf),
    logs: out.of(topics.logs).flatMap((batch) => unpackedLogs(batch).logs),
    spans: out.of(topics.spans).flatMap(({ spans }) => spans),
    refused: out.refused,
    dropped: sumOf(await metrics.expose(), 'tidemark_normalizer_dropped_by_rules_total'),
  }
}

class Gathered implements Output {
  readonly isDiscarded = false
  readonly refused: Refused[] = []
  readonly #sent: (readonly [topic: string, value: unknown])[] = []

  send<T>(topic: Topic<T>, _: number, value: T): void {
    this.#sent.push([topic.name, value])
  }

  keep(): void {}

  reject(...[{ offset: record }, reason, detail, refusals = []]: Parameters<Output['reject']>): void {
    if (refusals.length === 0) this.refused.push({ record, reason, detail })
    for (const refusal of refusals) this.refused.push({ record, ...refusal })
  }

  of<T>(topic: Topic<T>): readonly T[] {
    return this.#sent.filter(([name]) => name === topic.name).map(([, value]) => value as T)
  }
}

const recordOf = (value: Buffer, offset: number, topic: string, now: number): StreamRecord<Buffer> => ({
  topic,
  partition: 0,
  offset,
  timestamp: now,
  isAppendTime: true,
  key: null,
  bytes: value,
  headers: {},
  value,
})

function pointsOf(batch: PointBatch): readonly object[] {
  const { series, seriesIndex, times, values } = unpacked(batch)
  return seriesIndex.map((index, i) => ({
    ...nameOf(series[index]!),
    time: new Date(times[i]!).toISOString(),
    value: values[i],
  }))
}

const exemplarsOf = ({ series, exemplars }: PointBatch): readonly object[] =>
  exemplars.map(({ seriesIndex, exemplar }) => ({
    ...nameOf(series[seriesIndex]!),
    ...exemplar,
    time: new Date(exemplar.time).toISOString(),
  }))

const histogramsOf = ({ series, histograms }: PointBatch): readonly object[] =>
  histograms.map(({ seriesIndex, time, ...histogram }) => ({
    ...nameOf(series[seriesIndex]!),
    time: new Date(time).toISOString(),
    // What a form of histogram has not is empty.
    ...Object.fromEntries(Object.entries(histogram).filter(([, value]) => !isEmpty(value))),
  }))

const isEmpty = (value: unknown) => typeof value === 'object' && Object.keys(value ?? {}).length === 0

const nameOf = ({ metric, tags, kind, unit }: PointBatch['series'][number]) => ({
  metric,
  tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  kind,
  unit,
})
