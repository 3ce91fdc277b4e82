import { createLogger } from '../../shared/observability/logger.ts'
import { createMetrics } from '../../shared/observability/metrics.ts'
import type { StreamRecord, TaskContext } from '../../shared/stream/task.ts'
import { topicsOf } from '../../shared/stream/topic.ts'

export const topics = topicsOf('telemetry')

/** A task's surroundings without a cluster: time stands still at `now`. */
export function taskContext({
  topic = 'input',
  partition = 0,
  partitions = 1,
  now = 1_700_000_000_000,
} = {}): TaskContext {
  return {
    topic,
    partition,
    log: createLogger('test', 'silent'),
    metrics: createMetrics(),
    inputPartitions: partitions,
    partitionsOf: () => partitions,
    now: () => now,
    isOwner: () => true,
  }
}

/** A record of the input topic. */
export function record<In>(
  offset: number,
  value: In,
  more: Partial<StreamRecord<In>> = {},
): StreamRecord<In> {
  return {
    topic: 'input',
    partition: 0,
    offset,
    timestamp: 1_700_000_000_000,
    isAppendTime: true,
    key: null,
    bytes: Buffer.isBuffer(value) ? value : null,
    headers: {},
    value,
    ...more,
  }
}

export const noSignal = new AbortController().signal
