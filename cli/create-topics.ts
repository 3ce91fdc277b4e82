import type { RegistryConfig } from '../shared/avro/config.ts'
import { connectRegistry } from '../shared/avro/registry.ts'
import { KafkaAdmin } from '../shared/kafka/admin.ts'
import type { KafkaConfig } from '../shared/kafka/config.ts'
import type { TopicsConfig } from '../shared/kafka/topics-config.ts'
import type { Logger } from '../shared/observability/logger.ts'
import { topicsOf } from '../shared/stream/topic.ts'
import { topicSettings } from '../shared/stream/topic-settings.ts'

interface TopicCreation {
  readonly kafka: KafkaConfig
  readonly registry: RegistryConfig
  readonly topics: TopicsConfig
  readonly rawTopics: readonly string[]
}

/** Registers the schemas and creates the topics that do not exist; returns the names of those created. */
export async function createTopics(
  { kafka, registry, topics, rawTopics }: TopicCreation,
  log: Logger,
): Promise<readonly string[]> {
  const client = connectRegistry(registry)
  for (const topic of Object.values(topicsOf(kafka.topicPrefix)))
    await client.register(topic.name, topic.schema)
  const admin = await KafkaAdmin.open(kafka, log)
  try {
    return await admin.createTopics(topicSettings(topics, kafka.topicPrefix, rawTopics))
  } finally {
    await admin.close()
  }
}
