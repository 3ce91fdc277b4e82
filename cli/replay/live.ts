import { ConfigurationError } from '../../shared/errors.ts'
import type { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { groupIdOf } from '../../shared/stream/worker.ts'
import type { Config } from '../sections.ts'
import type { ReplayRequest } from './request.ts'

/** A live pipeline that is well is never further behind what it has written itself. */
const usualLagMs = 5_000

/**
 * A live pipeline that has not come as far as the stretch would write its windows over those of the replay, later.
 * Throws ConfigurationError. One that has never run is in nobody's way.
 */
export async function refuseBacklog(
  { kafka, aggregator }: Config,
  admin: KafkaAdmin,
  { rawTopics, to }: ReplayRequest,
): Promise<void> {
  const settled = to + aggregator.disorderMs + aggregator.latenessMs
  const { points, partials, windows, anomalies } = topicsOf(kafka.topicPrefix)
  // What comes of the stretch is written when it was read, however late: of that all must be done.
  const lately = Date.now() - usualLagMs
  for (const [service, topics, time] of [
    ['normalizer', rawTopics, settled],
    ['aggregator', [points.name], settled],
    ['aggregator', [partials.name], lately],
    ['influx-sink', [windows.name, anomalies.name], lately],
  ] as const) {
    const existing = await admin.partitionCounts(topics)
    const committed = await admin.committedBy(groupIdOf(kafka, service), [...existing.keys()])
    for (const [topic, partitions] of committed) {
      const wanted = partitions.size > 0 ? await admin.offsetsAt(topic, time) : new Map<number, number>()
      for (const [partition, { offset, metadata }] of partitions) {
        // A sink may write again what lies between; for others it is done.
        const emitted = service === 'influx-sink' ? undefined : decodeCommitMetadata(metadata)?.emitted
        const position = emitted ?? offset
        if (position >= wanted.get(partition)!) continue
        throw new ConfigurationError(
          `The live ${service} has not done all that the stretch needs yet: ${wanted.get(partition)! - position} records of ${topic}, partition ${partition}, are still to be read. Replay when it has.`,
        )
      }
    }
  }
}
