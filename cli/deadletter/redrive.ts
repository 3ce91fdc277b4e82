import { ConfigurationError, FencedError } from '../../shared/errors.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { type OutgoingRecord, TransactionalProducer } from '../../shared/kafka/transactional-producer.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { readTopic } from '../../shared/stream/read-topic.ts'
import { stateTopicOf, topicsOf } from '../../shared/stream/topic.ts'
import { groupIdOf } from '../../shared/stream/worker.ts'
import { loadAll } from '../sections.ts'
import { choose, recordOf } from './choose.ts'
import type { Filter } from './filter.ts'
import { interrupt } from './interrupt.ts'
import { Ledger } from './ledger.ts'
import { Pace } from './pace.ts'
import { placeText } from './place.ts'
import { partitionsOf, readLetters } from './read-letters.ts'
import type { Shelf } from './shelf.ts'
import { Tally } from './tally.ts'

interface RedriveOptions {
  /** Says what would be sent, and sends nothing. */
  readonly dryRun?: boolean
  /** Also those that were re-driven before. */
  readonly again?: boolean
  /** Records a second; by default as fast as it goes. */
  readonly rate?: number
}

/** Records sent in one transaction. */
const maxRecords = 200

const log = createLogger('replay', 'silent')

/** The work on one partition of the shelf's topic. */
interface Desk {
  readonly ledger: Ledger
  readonly producer: TransactionalProducer | undefined
  pending: OutgoingRecord[]
}

/**
 * Sends what was set aside to the topics that it came from, each exactly once: a letter is sent and noted in one
 * transaction, and of two runs at a time the later fences the earlier. Ctrl-C ends it after the transaction at hand.
 * Throws ConfigurationError, RetryableError.
 */
export async function redrive(shelf: Shelf, filter: Filter, options: RedriveOptions): Promise<void> {
  const config = loadAll()
  const topic = shelf.topicIn(topicsOf(config.kafka.topicPrefix))
  const groupId = groupIdOf(config.kafka, 'redrive')
  const admin = await KafkaAdmin.open(config.kafka, log)
  const desks = new Map<number, Desk>()
  try {
    const partitions = await partitionsOf(admin, topic)
    const notes = { name: stateTopicOf(config.kafka.topicPrefix, topic) }
    const notePartitions = await partitionsOf(admin, notes)
    const counts = await admin.partitionCounts(await admin.listTopics())
    if (filter.topic !== undefined && !counts.has(filter.topic))
      throw new ConfigurationError(`--topic: there is no topic ${filter.topic}.`)
    const client = createKafkaClient(config.kafka, log)
    for (let partition = 0; partition < partitions; partition++) {
      // First the transactions are taken over, then what they have committed is sure to be seen.
      const id = `${groupId}-${topic.name}-${partition}`
      const producer = options.dryRun ? undefined : await TransactionalProducer.open(client, id)
      const ledger = new Ledger(partition, await admin.committed(groupId, topic.name, partition))
      desks.set(partition, { ledger, producer, pending: [] })
    }
    await readTopic(config.kafka, notes.name, log, ({ key, bytes }) => {
      for (const { ledger } of desks.values()) ledger.restore(String(key), bytes)
    })
    const pace = new Pace(options.rate ?? Infinity)
    const signal = interrupt()
    const send = async (partition: number, { ledger, producer, pending }: Desk) => {
      if (!producer) return
      await pace.turn(pending.length, signal)
      const { notes: changed, ...done } = ledger.commit()
      const noted = changed.map(({ key, value }) => ({
        topic: notes.name,
        partition: partition % notePartitions,
        key: Buffer.from(key),
        value: value && Buffer.from(value),
      }))
      await producer.commit({
        records: [...pending, ...noted],
        groupId,
        topic: topic.name,
        partition,
        ...done,
      })
    }

    const tally = new Tally()
    await readLetters(config, shelf, log, {
      signal,
      async onLetter(letter, place) {
        const desk = desks.get(place.partition)!
        const before = desk.ledger.has(place.offset)
        const choice = choose(letter, place, filter, (topic) => counts.has(topic))
        const skipped = choice === 'redrive' && before && !options.again
        tally.add(letter, skipped ? 'before' : choice)
        desk.ledger.note(place.offset, before || choice === 'redrive')
        if (skipped || choice !== 'redrive') return
        desk.pending.push(recordOf(letter, place, counts.get(letter.topic)!))
        if (desk.pending.length < pace.stepOf(maxRecords)) return
        await send(place.partition, desk)
        desk.pending = []
      },
      onUnreadable({ partition, offset }) {
        const { ledger } = desks.get(partition)!
        tally.addUnreadable()
        ledger.note(offset, ledger.has(offset))
      },
    })
    for (const [partition, desk] of desks) if (desk.pending.length > 0) await send(partition, desk)
    if (filter.place && tally.wanted === 0 && !signal.aborted)
      throw new ConfigurationError(
        `There is no ${shelf.one} at ${placeText(filter.place)} that fits: tidemark ${shelf.command} list shows positions.`,
      )
    if (signal.aborted)
      process.stderr.write('Stopped before the end: without --again the same command goes on.\n')
    process.stdout.write(tally.text(options.dryRun ?? false, shelf))
  } catch (error) {
    if (error instanceof FencedError)
      throw new ConfigurationError(
        `Another retry of ${shelf.many} has taken over from this one: it goes on there.`,
      )
    throw error
  } finally {
    for (const { producer } of desks.values()) await producer?.close()
    await admin.close()
  }
}
