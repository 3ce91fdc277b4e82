import { setTimeout as delay } from 'node:timers/promises'
import type { KafkaAdmin } from '../kafka/admin.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { TopicPartition } from './task.ts'

/** Where the task of a partition is. */
export interface Progress extends TopicPartition {
  /** The first offset whose outputs are not made yet. */
  readonly next: number
  /** When the broker appended the record there, milliseconds, if that record has been fetched. */
  readonly nextTimestamp: number | undefined
  /** It can't have been appended before this; undefined when nothing is known, as right after a rebalance. */
  readonly notBefore: number | undefined
}

/** How far a task is behind its partition, which ends at `end`: never negative; seconds are undefined when unknown. */
export function lagOf(
  { next, nextTimestamp, notBefore }: Progress,
  end: number,
  now: number,
): { readonly records: number; readonly seconds: number | undefined } {
  if (end <= next) return { records: 0, seconds: 0 }
  const since = nextTimestamp ?? notBefore
  return { records: end - next, seconds: since === undefined ? undefined : Math.max(0, now - since) / 1000 }
}

/** A scrape does not wait longer for the broker: then what it said last still counts. */
const patienceMs = 1_000

/**
 * Exposes the lag of each owned partition, measured when the metrics are read. It asks the broker where the partitions
 * end, so that it is right before the first fetch, and grows while a task is stuck; and costs nothing when nobody looks.
 */
export function exposeLag(
  admin: Pick<KafkaAdmin, 'ranges'>,
  metrics: Metrics,
  progressOf: () => readonly Progress[],
): void {
  const ends = new Map<string, ReadonlyMap<number, { readonly end: number }>>()
  const ask = async () => {
    const topics = new Set(progressOf().map(({ topic }) => topic))
    for (const topic of topics) {
      const ranges = await admin.ranges(topic).catch(() => undefined)
      if (ranges) ends.set(topic, ranges)
    }
  }
  let asking: Promise<void> | undefined
  const collect = async () => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    await Promise.race([asking, delay(patienceMs, undefined, { ref: false })])
    const now = Date.now()
    records.reset()
    seconds.reset()
    for (const progress of progressOf()) {
      const { topic, partition, next } = progress
      const lag = lagOf(progress, ends.get(topic)?.get(partition)?.end ?? next, now)
      records.set({ topic, partition }, lag.records)
      if (lag.seconds !== undefined) seconds.set({ topic, partition }, lag.seconds)
    }
  }
  const records = metrics.gauge({
    name: 'lag_records',
    help: 'Records between the next one to process and the end of the partition.',
    labels: ['topic', 'partition'],
    collect,
  })
  const seconds = metrics.gauge({
    name: 'lag_seconds',
    help: 'How long ago the broker appended the next record to process; 0 at the end of the partition.',
    labels: ['topic', 'partition'],
    collect,
  })
}
