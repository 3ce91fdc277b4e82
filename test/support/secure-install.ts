import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../../cli/sections.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { ConsumerGroup } from '../../shared/kafka/consumer-group.ts'
import type { Installation } from './pipeline.ts'
import { silent } from './pipeline.ts'
import type { SecureKafka } from './secure-kafka.ts'

const root = join(import.meta.dirname, '..', '..')

/** Long enough that it occurs nowhere by chance. */
export const newSecret = () => randomBytes(24).toString('hex')

/** The environment of a client that comes as this user; its password stands in a file, as it would in production. */
export async function clientEnvironment(
  { address, caFile }: Pick<SecureKafka, 'address' | 'caFile'>,
  directory: string,
  user: string,
  password: string,
): Promise<Readonly<Record<string, string>>> {
  await mkdir(directory, { recursive: true })
  const passwordFile = join(directory, `password-${newSecret()}`)
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  return {
    TIDEMARK_KAFKA_BROKERS: address,
    TIDEMARK_KAFKA_TLS_ENABLED: 'true',
    TIDEMARK_KAFKA_TLS_CA_FILE: caFile,
    TIDEMARK_KAFKA_SASL_MECHANISM: 'scram-sha-512',
    TIDEMARK_KAFKA_SASL_USERNAME: user,
    TIDEMARK_KAFKA_SASL_PASSWORD_FILE: passwordFile,
  }
}

/** The same installation, seen by whoever has this environment. */
export const withEnvironment = (
  installation: Installation,
  env: Readonly<Record<string, string>>,
): Installation => ({ ...installation, env: { ...installation.env, ...env } })

export interface Ended {
  readonly status: number
  /** Standard output: logs. */
  readonly output: string
  /** Standard error: what is said to a person. */
  readonly complaint: string
}

/** Runs `tidemark` to its end. */
export function tidemark(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, 'cli', 'main.ts'), ...args],
      { env: { ...process.env, ...env }, timeout: 60_000 },
      (error, output, complaint) =>
        resolve({ status: error ? Number(error.code ?? -1) : 0, output, complaint }),
    )
  })
}

/** All keys, values and headers that stand in topics, unpacked. */
export async function bytesOfTopics(
  config: Config['kafka'],
  { admin }: SecureKafka,
  topics: readonly string[],
): Promise<Buffer> {
  const found: Buffer[] = []
  const left = new Map<string, number>()
  for (const topic of topics)
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
      if (Number(high) > Number(low)) left.set(`${topic}/${partition}`, Number(high))
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>()
  const readUpTo = (topic: string, partition: number, offset: number) => {
    const place = `${topic}/${partition}`
    if (offset >= (left.get(place) ?? 0)) left.delete(place)
    if (left.size === 0) finish()
  }
  const group = new ConsumerGroup(
    createKafkaClient(config, silent),
    {
      groupId: `auditor-${newSecret()}`,
      topics,
      sessionTimeoutMs: 30_000,
      heartbeatIntervalMs: 3_000,
      fromBeginning: true,
      metadataMaxAgeMs: config.metadataMaxAgeMs,
      refusedBackoffMs: 1_000,
    },
    {
      assigned: () => undefined,
      failed: () => undefined,
      interrupted: () => undefined,
      skipped: readUpTo,
      fetched({ topic, partition, nextOffset, messages }) {
        for (const { key, value, headers } of messages)
          found.push(
            ...[key, value].filter((part) => part !== null),
            Buffer.from(JSON.stringify(headers ?? {})),
          )
        readUpTo(topic, partition, nextOffset)
      },
    },
    silent,
  )
  await group.start()
  await finished
  await group.stop()
  return Buffer.concat(found)
}
