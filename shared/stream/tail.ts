import { randomUUID } from 'node:crypto'
import { Codec } from '../avro/codec.ts'
import type { RegistryConfig } from '../avro/config.ts'
import { connectRegistry } from '../avro/registry.ts'
import { createKafkaClient } from '../kafka/client.ts'
import type { KafkaConfig } from '../kafka/config.ts'
import { ConsumerGroup, type FetchedBatch } from '../kafka/consumer-group.ts'
import type { Logger } from '../observability/logger.ts'
import type { Topic } from './topic.ts'

export interface Tail {
  close(): Promise<void>
}

interface TailOptions {
  readonly kafka: KafkaConfig
  readonly registry: RegistryConfig
  readonly topics: readonly Topic<unknown>[]
  /** Whether to begin with the oldest record; by default only what comes from now on is read. */
  readonly fromBeginning?: boolean
  readonly log: Logger
  onRecord(
    topic: string,
    value: unknown,
    place: { readonly partition: number; readonly offset: number },
  ): void
}

/** Reads committed records of topics as they come, in a group of its own that commits nothing: for people and tests. */
export async function tail({
  kafka,
  registry,
  topics,
  fromBeginning = false,
  log,
  onRecord,
}: TailOptions): Promise<Tail> {
  const codec = new Codec(connectRegistry(registry))
  const schemas = new Map(topics.map(({ name, schema }) => [name, schema]))
  let reading = Promise.resolve()
  const read = async ({ topic, partition, messages }: FetchedBatch) => {
    const schema = schemas.get(topic)!
    for (const { value, position } of messages) {
      if (!value) continue
      await codec.prepareReader(schema, value)
      onRecord(topic, codec.decode(schema, value), { partition, offset: position })
    }
  }
  const group = new ConsumerGroup(
    createKafkaClient(kafka, log),
    {
      groupId: `${kafka.topicPrefix}-tail-${randomUUID()}`,
      topics: topics.map(({ name }) => name),
      sessionTimeoutMs: 30_000,
      heartbeatIntervalMs: 3_000,
      fromBeginning,
      metadataMaxAgeMs: kafka.metadataMaxAgeMs,
      refusedBackoffMs: 15_000,
    },
    {
      assigned: () => undefined,
      fetched: (batch) => {
        reading = reading
          .then(() => read(batch))
          .catch((error: Error) => log.warn(`${batch.topic}: ${error.message}`))
      },
      skipped: () => undefined,
      interrupted: () => undefined,
      failed: (error) => log.error(error.message),
    },
    log,
  )
  await group.start()
  return { close: () => group.stop() }
}
