import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { DeadLetter } from '../../shared/avro/types.ts'
import { BadRecordError, ConfigurationError } from '../../shared/errors.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import { readTopic } from '../../shared/stream/read-topic.ts'
import { type Topic, topicsOf } from '../../shared/stream/topic.ts'
import type { Config } from '../sections.ts'
import type { LetterPlace } from './filter.ts'
import { startProgress } from './progress.ts'
import type { Shelf } from './shelf.ts'

interface LetterReader {
  /** By partition, where to begin; partitions that are not in it are not read. By default all are, whole. */
  start?(admin: KafkaAdmin, topic: string): Promise<ReadonlyMap<number, number>>
  /** Ends the reading early, in good order. */
  readonly signal: AbortSignal
  onLetter(letter: DeadLetter, place: LetterPlace): void | Promise<void>
  /** A record that is no letter: someone else has written it. */
  onUnreadable(place: LetterPlace): void
}

/**
 * Reads the letters of a shelf up to where they end now, one fetch at a time, in order within a partition. Throws
 * ConfigurationError when there is no such topic, RetryableError, and what the reader throws.
 */
export async function readLetters(
  { kafka, registry }: Pick<Config, 'kafka' | 'registry'>,
  shelf: Shelf,
  log: Logger,
  { start, signal, onLetter, onUnreadable }: LetterReader,
): Promise<void> {
  const topic = shelf.topicIn(topicsOf(kafka.topicPrefix))
  const admin = await KafkaAdmin.open(kafka, log)
  let from: ReadonlyMap<number, number> | undefined
  try {
    await partitionsOf(admin, topic)
    from = await start?.(admin, topic.name)
  } finally {
    await admin.close()
  }
  const codec = new Codec(connectRegistry(registry))
  const progress = startProgress(process.stderr)
  const decoded = async (bytes: Buffer): Promise<DeadLetter | undefined> => {
    try {
      await codec.prepareReader(topic.schema, bytes)
      return codec.decode(topic.schema, bytes) as DeadLetter
    } catch (error) {
      if (error instanceof BadRecordError) return undefined
      throw error
    }
  }
  try {
    await readTopic(
      kafka,
      topic.name,
      log,
      async (record) => {
        const letter = record.bytes ? await decoded(record.bytes) : undefined
        if (letter) await onLetter(letter, record)
        else onUnreadable(record)
      },
      { ...(from && { from }), signal, onProgress: progress.show },
    )
  } finally {
    progress.close()
  }
}

/** Throws ConfigurationError when the topic does not exist. */
export async function partitionsOf(
  admin: KafkaAdmin,
  { name }: Pick<Topic<unknown>, 'name'>,
): Promise<number> {
  const partitions = (await admin.partitionCounts([name])).get(name)
  if (partitions) return partitions
  throw new ConfigurationError(`The topic ${name} does not exist: create it with tidemark topics create.`)
}
