import type { PointBatch } from '../avro/types.ts'
import type { EventTime, TopicPartition } from '../stream/task.ts'

/** Of the marks' windows, which nobody wants. */
export const markMetric = 'tidemark.replay'

/**
 * A point of no meaning that says how far a replay has read a raw partition: windows wait for the slowest partition, so
 * each of them must be known before the first window is closed, go on when it holds no points, and end with the stretch.
 */
export function markOf(
  { topic, partition }: TopicPartition,
  time: EventTime,
  rawPartitions: number,
): PointBatch {
  return {
    source: {
      topic,
      partition,
      firstOffset: 0,
      lastOffset: 0,
      lastTimestamp: time,
      partitions: rawPartitions,
    },
    series: [{ metric: markMetric, tags: [], kind: 'gauge', unit: '' }],
    seriesIndex: [0],
    times: [time],
    values: [0],
    histograms: [],
    exemplars: [],
    packed: null,
    sourceIsIdle: null,
    sourceTime: null,
  }
}
