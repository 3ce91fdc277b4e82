import { Codec } from '../../../shared/avro/codec.ts'
import { connectRegistry } from '../../../shared/avro/registry.ts'
import type { DeadLetter } from '../../../shared/avro/types.ts'
import { ConfigurationError } from '../../../shared/errors.ts'
import { KafkaAdmin } from '../../../shared/kafka/admin.ts'
import { createKafkaClient } from '../../../shared/kafka/client.ts'
import { type OutgoingRecord, TransactionalProducer } from '../../../shared/kafka/transactional-producer.ts'
import { createLogger } from '../../../shared/observability/logger.ts'
import { readTopic } from '../../../shared/stream/read-topic.ts'
import { topicsOf } from '../../../shared/stream/topic.ts'
import { groupIdOf } from '../../../shared/stream/worker.ts'
import { loadAll } from '../../sections.ts'
import { parseTime } from '../request.ts'
import { type Choice, choose, type Filter, recordOf } from './choose.ts'
import { Ledger } from './ledger.ts'

/** As they stand on the command line. */
export interface RedriveOptions {
  readonly from?: string
  readonly to?: string
  readonly reason?: string
  readonly topic?: string
  readonly dryRun?: boolean
  readonly again?: boolean
}

/** Records sent in one transaction. */
const maxRecords = 200

const log = createLogger('replay', 'silent')

/** The work on one partition of the dead-letter topic. */
interface Desk {
  readonly ledger: Ledger
  readonly producer: TransactionalProducer | undefined
  pending: OutgoingRecord[]
}

/**
 * Sends dead letters to the topics that they came from, each exactly once: a letter is sent and noted in one
 * transaction, and two runs at a time fence each other. Throws ConfigurationError, RetryableError, FencedError.
 */
export async function redrive(options: RedriveOptions): Promise<void> {
  const config = loadAll()
  const filter = filterOf(options)
  const { deadletter } = topicsOf(config.kafka.topicPrefix)
  const groupId = groupIdOf(config.kafka, 'redrive')
  const admin = await KafkaAdmin.open(config.kafka, log)
  const desks = new Map<number, Desk>()
  try {
    const partitions = (await admin.partitionCounts([deadletter.name])).get(deadletter.name)
    if (!partitions)
      throw new ConfigurationError(
        `The topic ${deadletter.name} does not exist: create it with tidemark topics create.`,
      )
    const counts = await admin.partitionCounts(await admin.listTopics())
    if (filter.topic !== undefined && !counts.has(filter.topic))
      throw new ConfigurationError(`--topic: there is no topic ${filter.topic}.`)
    const client = createKafkaClient(config.kafka, log)
    for (let partition = 0; partition < partitions; partition++) {
      // First the transactions are taken over, then what they have committed is sure to be seen.
      const id = `${groupId}-${deadletter.name}-${partition}`
      const producer = options.dryRun ? undefined : await TransactionalProducer.open(client, id)
      const ledger = new Ledger(await admin.committed(groupId, deadletter.name, partition))
      desks.set(partition, { ledger, producer, pending: [] })
    }
    const send = async (partition: number, { ledger, producer, pending }: Desk) => {
      await producer?.commit({
        records: pending,
        groupId,
        topic: deadletter.name,
        partition,
        ...ledger.commit(),
      })
    }

    const codec = new Codec(connectRegistry(config.registry))
    const tally = new Tally()
    await readTopic(config.kafka, deadletter.name, log, async (record) => {
      if (!record.bytes) return
      await codec.prepareReader(deadletter.schema, record.bytes)
      const letter = codec.decode(deadletter.schema, record.bytes) as DeadLetter
      const desk = desks.get(record.partition)!
      const before = desk.ledger.has(record.offset) && !options.again
      const choice = before ? 'before' : choose(letter, record, filter, (topic) => counts.has(topic))
      tally.add(letter, choice)
      desk.ledger.note(record.offset, choice === 'redrive' || desk.ledger.has(record.offset))
      if (choice !== 'redrive') return
      desk.pending.push(recordOf(letter, record, counts.get(letter.topic)!))
      if (desk.pending.length < maxRecords) return
      await send(record.partition, desk)
      desk.pending = []
    })
    for (const [partition, desk] of desks) if (desk.pending.length > 0) await send(partition, desk)
    process.stdout.write(tally.text(options.dryRun ?? false))
  } finally {
    for (const { producer } of desks.values()) await producer?.close()
    await admin.close()
  }
}

function filterOf({ from, to, reason, topic }: RedriveOptions): Filter {
  const filter = {
    from: from === undefined ? undefined : parseTime('--from', from),
    to: to === undefined ? undefined : parseTime('--to', to),
    reason,
    topic,
  }
  if (filter.from !== undefined && filter.to !== undefined && filter.from >= filter.to)
    throw new ConfigurationError(
      `--from ${new Date(filter.from).toISOString()} is not before --to ${new Date(filter.to).toISOString()}.`,
    )
  return filter
}

/** What became of the letters, for a person. */
class Tally {
  readonly #redriven = new Map<string, number>()
  readonly #left = new Map<Choice | 'before', number>()

  add({ topic, reason }: DeadLetter, choice: Choice | 'before'): void {
    if (choice === 'redrive') count(this.#redriven, `${topic}: ${reason}`)
    else count(this.#left, choice)
  }

  text(dryRun: boolean): string {
    const total = [...this.#redriven.values()].reduce((sum, number) => sum + number, 0)
    const left = [
      ['before', 'were re-driven before (--again does so once more)'],
      ['unwanted', 'were not asked for'],
      ['in part', 'were refused in part by a later stage, which can’t take parts'],
      ['topic gone', 'come of topics that do not exist any more'],
    ] as const
    return [
      `${dryRun ? 'Would re-drive' : 'Re-driven:'} ${total.toLocaleString('en')} dead letters.`,
      ...[...this.#redriven].map(([name, number]) => `  ${number.toLocaleString('en')}  ${name}`),
      ...left.flatMap(([choice, why]) =>
        this.#left.has(choice) ? [`Left: ${this.#left.get(choice)!.toLocaleString('en')} ${why}.`] : [],
      ),
      '',
    ].join('\n')
  }
}

function count<K>(numbers: Map<K, number>, key: K): void {
  numbers.set(key, (numbers.get(key) ?? 0) + 1)
}
