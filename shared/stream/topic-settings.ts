import type { TopicSettings } from '../kafka/admin.ts'
import type { TopicsConfig } from '../kafka/topics-config.ts'
import { stateTopicOf, topicsOf } from './topic.ts'

/** Records are cut well below this; one series with very long tags, or a log event, may still take more than the broker's default of a megabyte. */
const maxOwnRecordBytes = 8 * 1024 * 1024

/** State is read to its end before a task starts: old versions must go soon. */
const compacted = {
  'cleanup.policy': 'compact',
  'segment.ms': String(60_000),
  'max.compaction.lag.ms': String(2 * 60_000),
  'min.cleanable.dirty.ratio': '0.1',
  'delete.retention.ms': String(10 * 60_000),
}

/** The last word of each marker; all that one may be about is over long before it goes. */
const markers = { 'cleanup.policy': 'compact,delete' }
const markerRetentionMs = 366 * 24 * 3_600_000

/** The settings of each topic: raw ones by name, and Tidemark's own under the prefix. */
export function topicSettings(
  config: TopicsConfig,
  prefix: string,
  rawTopics: readonly string[],
): readonly TopicSettings[] {
  const topics = topicsOf(prefix)
  const make = (
    name: string,
    retentionMs: number,
    more: Readonly<Record<string, string>> = {},
  ): TopicSettings => ({
    name,
    partitions: config.partitions,
    replicationFactor: config.replicationFactor,
    // Retention goes by record timestamps: with the producer's own, a backfill could be deleted as soon as it is written.
    config: {
      'message.timestamp.type': 'LogAppendTime',
      'cleanup.policy': 'delete',
      'retention.ms': String(retentionMs),
      'max.message.bytes': String(maxOwnRecordBytes),
      ...more,
    },
  })
  const rawSize = config.maxRawMessageBytes
  return [
    ...rawTopics.map((name) => make(name, config.rawRetentionMs, { 'max.message.bytes': String(rawSize) })),
    ...[
      topics.points,
      topics.partials,
      topics.logs,
      topics.spans,
      topics.windows,
      topics.anomalies,
      topics.expectations,
      topics.findings,
      topics.incidents,
      topics.peers,
    ].map(({ name }) => make(name, config.retentionMs)),
    ...[
      topics.points,
      topics.partials,
      topics.windows,
      topics.findings,
      topics.peers,
      topics.deadletter,
      topics.parking,
    ].map((topic) => make(stateTopicOf(prefix, topic), -1, compacted)),
    make(topics.markers.name, markerRetentionMs, markers),
    make(topics.late.name, config.deadletterRetentionMs),
    ...[topics.deadletter, topics.parking].map(({ name }) =>
      make(name, config.deadletterRetentionMs, {
        'max.message.bytes': String(Math.ceil((rawSize * 4) / 3)),
      }),
    ),
  ]
}
