import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import { readTopic as readRecords } from '../../shared/stream/read-topic.ts'
import type { Topic } from '../../shared/stream/topic.ts'
import { type Installation, silent } from './pipeline.ts'

/** The value of each record committed to a topic up to where it ends now. */
export async function readTopic<T>({ config }: Installation, topic: Topic<T>): Promise<readonly T[]> {
  const codec = new Codec(connectRegistry(config.registry))
  const values: T[] = []
  await readRecords(config.kafka, topic.name, silent, async ({ bytes }) => {
    if (!bytes) return
    await codec.prepareReader(topic.schema, bytes)
    values.push(codec.decode(topic.schema, bytes) as T)
  })
  return values
}
