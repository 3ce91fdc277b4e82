import { ConfigurationError, RetryableError } from '../errors.ts'
import type { KafkaAdmin } from '../kafka/admin.ts'
import type { Logger } from '../observability/logger.ts'

/** How many partitions the topics of a service have. */
export class PartitionCounts {
  readonly #admin: Pick<KafkaAdmin, 'partitionCounts'>
  readonly #topics: readonly string[]
  /** Of an input topic, the topic of its state. */
  readonly #states: ReadonlyMap<string, string>
  readonly #log: Logger
  #counts: ReadonlyMap<string, number> = new Map()

  constructor(
    admin: Pick<KafkaAdmin, 'partitionCounts'>,
    topics: readonly string[],
    states: ReadonlyMap<string, string>,
    log: Logger,
  ) {
    this.#admin = admin
    this.#topics = topics
    this.#states = states
    this.#log = log
  }

  /** As read last. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts
  }

  /**
   * Throws RetryableError while a topic is missing, and ConfigurationError when a state topic has another number of
   * partitions than its input.
   */
  async read(): Promise<void> {
    const counts = await this.#admin.partitionCounts(this.#topics)
    const missing = this.#topics.filter((name) => !counts.has(name))
    if (missing.length > 0) {
      throw new RetryableError(
        'Kafka',
        `these topics do not exist: ${missing.join(', ')}; create them with \`tidemark topics create\``,
      )
    }
    for (const [input, state] of this.#states) {
      if (counts.get(input) === counts.get(state)) continue
      throw new ConfigurationError(
        `${input} has ${counts.get(input)} partitions and ${state}, which keeps the state of each, has ${counts.get(state)}: give both the same number (kafka-topics.sh --alter --topic … --partitions …).`,
      )
    }
    for (const [topic, before] of this.#counts) {
      if (counts.get(topic) === before) continue
      this.#log.warn(
        { topic, before, now: counts.get(topic) },
        'the number of partitions has changed: series go to other partitions from now on, as each task starts anew, and windows that are open meanwhile may come out in two parts',
      )
    }
    this.#counts = counts
  }
}
