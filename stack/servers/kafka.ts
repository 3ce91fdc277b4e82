import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from '../cache.ts'
import { run } from '../command.ts'
import { fetchJars } from '../install/maven.ts'
import { freePort } from '../ports.ts'
import type { Step } from '../progress.ts'
import type { ServerCommand } from '../server.ts'
import { findJava } from '../toolchains.ts'
import { versions } from '../versions.ts'

/** Of a record batch, on every topic that asks for it: large enough for what a stranger may send to a raw topic. */
const maxMessageBytes = 16 * 1024 * 1024

/** Settings of a broker by Kafka's names. */
export type BrokerProperties = Readonly<Record<string, string | number | boolean>>

/** One Kafka node in KRaft mode, its data in `directory`. */
export async function prepareKafka(
  directory: string,
  step: Step,
  signal?: AbortSignal,
): Promise<ServerCommand> {
  const port = await freePort(9092)
  const controllerPort = await freePort(9093)
  return await kafkaNode(
    {
      directory,
      address: `127.0.0.1:${port}`,
      properties: {
        ...oneNode(controllerPort),
        listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
        'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      },
    },
    step,
    signal,
  )
}

interface KafkaNode {
  readonly directory: string
  /** Where clients find it: host:port. */
  readonly address: string
  readonly properties: BrokerProperties
  /** More arguments of the storage's formatting. */
  readonly formatArguments?: readonly string[]
}

/** A broker with these settings, its storage formatted. */
export async function kafkaNode(
  { directory, address, properties, formatArguments = [] }: KafkaNode,
  step: Step,
  signal?: AbortSignal,
): Promise<ServerCommand> {
  const java = await findJava()
  const folder = await cached(`kafka-${versions.kafka}`, (target) =>
    fetchJars(
      [
        `org.apache.kafka:kafka_2.13:${versions.kafka}`,
        `org.apache.kafka:kafka-tools:${versions.kafka}`,
        'org.slf4j:slf4j-simple:1.7.36',
      ],
      target,
      step,
      signal,
    ),
  )
  step.update('formatting its storage')
  const classPath = join(folder, 'lib', '*')
  const data = join(directory, 'kafka', 'data')
  const file = join(directory, 'kafka', 'server.properties')
  await mkdir(data, { recursive: true })
  await writeFile(file, propertiesText({ ...properties, 'log.dirs': data }))
  await run(
    java,
    [
      '-cp',
      classPath,
      'kafka.tools.StorageTool',
      'format',
      '--cluster-id',
      'dGlkZW1hcmstbG9jYWwtMQ',
      '--config',
      file,
      ...formatArguments,
    ],
    { signal },
  )
  return {
    name: 'kafka',
    address,
    program: java,
    args: [
      `-Xmx${process.env.TIDEMARK_STACK_KAFKA_HEAP ?? '768m'}`,
      '-XX:+UseSerialGC',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss,SSS',
      '-cp',
      classPath,
      'kafka.Kafka',
      file,
    ],
    logFile: join(directory, 'logs', 'kafka.log'),
    // Its port opens before it serves; only the log says when it does.
    isReady: async (log) => (await log()).includes('Kafka Server started'),
  }
}

/** What a node alone needs besides its listeners: small internal topics, and nothing that waits for others. */
export const oneNode = (controllerPort: number): BrokerProperties => ({
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
  'controller.listener.names': 'CONTROLLER',
  'auto.create.topics.enable': false,
  'message.max.bytes': maxMessageBytes,
  'replica.fetch.max.bytes': maxMessageBytes,
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 8,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'transaction.state.log.num.partitions': 8,
  // Aborts what killed workers left open soon, so that readers of committed records are not held up.
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 2_000,
  'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
  'log.segment.bytes': 128 * 1024 * 1024,
})

const propertiesText = (properties: BrokerProperties) =>
  Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')
