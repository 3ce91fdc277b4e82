import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import { BadRecordError } from '../../shared/errors.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import { readTopic } from '../../shared/stream/read-topic.ts'
import type { Topic } from '../../shared/stream/topic.ts'
import { startProgress } from '../deadletter/progress.ts'
import { partitionsOf } from '../deadletter/read-letters.ts'
import type { Config } from '../sections.ts'

/**
 * Reads a topic up to where it ends now; what is no record of its schema is passed over. Throws ConfigurationError when there
 * is no such topic, RetryableError.
 */
export async function readValues<T>(
  { kafka, registry }: Pick<Config, 'kafka' | 'registry'>,
  topic: Topic<T>,
  log: Logger,
  onValue: (value: T) => void,
): Promise<void> {
  const admin = await KafkaAdmin.open(kafka, log)
  await partitionsOf(admin, topic).finally(() => admin.close())
  const codec = new Codec(connectRegistry(registry))
  const progress = startProgress(process.stderr)
  try {
    await readTopic(
      kafka,
      topic.name,
      log,
      async ({ bytes }) => {
        if (!bytes) return
        try {
          await codec.prepareReader(topic.schema, bytes)
          onValue(codec.decode(topic.schema, bytes) as T)
        } catch (error) {
          if (!(error instanceof BadRecordError)) throw error
        }
      },
      { onProgress: progress.show },
    )
  } finally {
    progress.close()
  }
}
