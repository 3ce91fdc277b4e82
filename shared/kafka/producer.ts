import type { Logger } from '../observability/logger.ts'
import { createKafkaClient } from './client.ts'
import type { KafkaConfig } from './config.ts'
import { kafkaError } from './errors.ts'
import kafkajs, { type Message } from './kafkajs.ts'

export interface OutgoingMessage {
  readonly key?: string | Buffer
  readonly value: Buffer | string | null
  readonly headers?: Readonly<Record<string, string | Buffer>>
  /** By default from the key, as all of Kafka's clients do it. */
  readonly partition?: number
}

export interface Producer {
  /** Resolves when all in-sync replicas have the messages; throws RetryableError when they can't be reached. */
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<void>
  close(): Promise<void>
}

/** A plain producer, as any agent has one: at least once, idempotent within its life. */
export async function createProducer(config: KafkaConfig, log: Logger): Promise<Producer> {
  const producer = createKafkaClient(config, log).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  })
  const failed = (doing: string) => (error: unknown) => {
    throw kafkaError(error, doing)
  }
  await producer.connect().catch(failed(`connecting to ${config.brokers.join(', ')}`))
  return {
    async send(topic, messages) {
      await producer
        .send({
          topic,
          messages: messages as Message[],
          acks: -1,
          compression: kafkajs.CompressionTypes.ZSTD,
        })
        .catch(failed(`producing to ${topic}`))
    },
    close: () => producer.disconnect(),
  }
}
