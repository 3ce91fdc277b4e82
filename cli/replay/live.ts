import { ConfigurationError } from '../../shared/errors.ts'
import type { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { groupIdOf } from '../../shared/stream/worker.ts'
import type { Config } from '../sections.ts'
import type { ReplayRequest } from './request.ts'

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
  const { points } = topicsOf(kafka.topicPrefix)
  for (const [service, topics] of [
    ['normalizer', rawTopics],
    ['aggregator', [points.name]],
  ] as const) {
    const existing = await admin.partitionCounts(topics)
    const committed = await admin.committedBy(groupIdOf(kafka, service), [...existing.keys()])
    for (const [topic, partitions] of committed) {
      const wanted = partitions.size > 0 ? await admin.offsetsAt(topic, settled) : new Map<number, number>()
      for (const [partition, { offset, metadata }] of partitions) {
        const position = decodeCommitMetadata(metadata)?.emitted ?? offset
        if (position >= wanted.get(partition)!) continue
        throw new ConfigurationError(
          `The live ${service} has not come as far as --to yet: ${wanted.get(partition)! - position} records of ${topic}, partition ${partition}, are still to be read. Replay when it has.`,
        )
      }
    }
  }
}
