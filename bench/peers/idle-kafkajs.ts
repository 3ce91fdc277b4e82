/**
 * The peer of `bench idle`: a member of a group and a producer, as kafkajs makes them by default and as it comes, without the
 * corrections in shared/kafka. Started with a JSON argument; sends one message to its parent when it has joined.
 */
import kafkajs from 'kafkajs'

/** What it is told to do. */
export interface IdleOrder {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly groupId: string
}

const { brokers, topic, groupId } = JSON.parse(process.argv[2]!) as IdleOrder
const client = new kafkajs.Kafka({ brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING })
const producer = client.producer()
await producer.connect()
const consumer = client.consumer({ groupId })
await consumer.connect()
await consumer.subscribe({ topics: [topic] })
consumer.on(consumer.events.GROUP_JOIN, () => process.send!('joined'))
await consumer.run({ eachMessage: async () => undefined })
process.once('disconnect', () => process.exit())
