import { randomUUID } from 'node:crypto'
import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { ConsumerGroup, type FetchedBatch } from '../../shared/kafka/consumer-group.ts'
import type { Topic } from '../../shared/stream/topic.ts'
import { type Installation, silent } from './pipeline.ts'

/** Everything committed to a topic up to where it ends now, each record once. */
export async function readTopic<T>({ config }: Installation, topic: Topic<T>): Promise<readonly T[]> {
  const client = createKafkaClient(config.kafka, silent)
  const admin = await KafkaAdmin.connect(client)
  const left = new Map([...(await admin.ranges(topic.name))].filter(([, { start, end }]) => end > start))
  await admin.close()
  const codec = new Codec(connectRegistry(config.registry))
  const finished = Promise.withResolvers<void>()
  const fetched: FetchedBatch[] = []
  const position = new Map<number, number>()
  const reached = (partition: number, offset: number) => {
    if (offset >= (left.get(partition)?.end ?? 0)) left.delete(partition)
    if (left.size === 0) finished.resolve()
  }
  reached(-1, 0)
  const group = new ConsumerGroup(
    client,
    {
      groupId: `${config.kafka.topicPrefix}-read-${randomUUID()}`,
      topics: [topic.name],
      sessionTimeoutMs: 30_000,
      heartbeatIntervalMs: 3_000,
      fromBeginning: true,
      metadataMaxAgeMs: config.kafka.metadataMaxAgeMs,
      refusedBackoffMs: 15_000,
    },
    {
      assigned: () => undefined,
      failed: finished.reject,
      fetched: (batch) => {
        // After a rebalance the reading begins anew.
        if (batch.fetchedOffset < (position.get(batch.partition) ?? 0)) return
        position.set(batch.partition, batch.nextOffset)
        fetched.push(batch)
        reached(batch.partition, batch.nextOffset)
      },
      skipped: (_, partition, nextOffset) => reached(partition, nextOffset),
      interrupted: () => undefined,
    },
    silent,
  )
  await group.start()
  await finished.promise
  await group.stop()
  const records: T[] = []
  for (const { messages } of fetched) {
    for (const { value } of messages) {
      if (!value) continue
      await codec.prepareReader(topic.schema, value)
      records.push(codec.decode(topic.schema, value) as T)
    }
  }
  return records
}
