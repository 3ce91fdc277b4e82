import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { Marker } from '../../shared/avro/types.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createProducer } from '../../shared/kafka/producer.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { partitionsOf } from '../deadletter/read-letters.ts'
import type { Config } from '../sections.ts'

/** Writes markers to their topic, keyed by their ids. Throws ConfigurationError when there is no such topic, RetryableError. */
export async function publish(
  { kafka, registry }: Pick<Config, 'kafka' | 'registry'>,
  told: readonly Marker[],
  log: Logger,
): Promise<void> {
  if (told.length === 0) return
  const { markers } = topicsOf(kafka.topicPrefix)
  const admin = await KafkaAdmin.open(kafka, log)
  await partitionsOf(admin, markers).finally(() => admin.close())
  const codec = new Codec(connectRegistry(registry))
  await codec.prepareWriter(markers.name, markers.schema)
  const producer = await createProducer(kafka, log)
  try {
    await producer.send(
      markers.name,
      told.map((marker) => ({
        key: marker.id,
        value: codec.encode(markers.name, markers.schema, marker),
      })),
    )
  } finally {
    await producer.close()
  }
}
