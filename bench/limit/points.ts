/**
 * The limit of `bench aggregator`: fetching the points topic and decoding it, and nothing else. Started with a JSON
 * argument; sends one message to its parent when it has read everything.
 */
import { Codec } from '../../shared/avro/codec.ts'
import { registrySection } from '../../shared/avro/config.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { PointBatch } from '../../shared/avro/types.ts'
import { loadConfig } from '../../shared/config/load.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { kafkaSection } from '../../shared/kafka/config.ts'
import { createLogger } from '../../shared/observability/logger.ts'

/** What it is told to do. */
export interface LimitOrder {
  readonly topic: string
  readonly groupId: string
  readonly points: number
}

/** What it answers. */
export interface LimitAnswer {
  readonly points: number
  readonly records: number
}

const { topic, groupId, points } = JSON.parse(process.argv[2]!) as LimitOrder
const config = loadConfig({ kafka: kafkaSection, registry: registrySection })
const codec = new Codec(connectRegistry(config.registry))
const consumer = createKafkaClient(config.kafka, createLogger('limit', 'silent')).consumer({
  groupId,
  maxBytesPerPartition: 4 * 1024 * 1024,
  maxWaitTimeInMs: 250,
})
const answer = { points: 0, records: 0 }
await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: true,
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages) {
      if (!codec.isPrepared('PointBatch', value!)) await codec.prepareReader('PointBatch', value!)
      answer.points += (codec.decode('PointBatch', value!) as PointBatch).times.length
    }
    answer.records += batch.messages.length
    if (answer.points >= points) process.send!(answer satisfies LimitAnswer)
  },
})
// Its parent takes its CPU time while it is still alive, and then lets go.
process.once('disconnect', () => process.exit())
