import { loadConfig } from '../../shared/config/load.ts'
import { ConfigurationError, RetryableError } from '../../shared/errors.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import type { Output, StreamRecord, Task } from '../../shared/stream/task.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { type Installation, silent, startWorker } from './pipeline.ts'

const wordsTopic = (prefix: string) => `${prefix}.raw.words`
const countsTopic = (prefix: string) => `${prefix}.state.words`

/**
 * Counts how often each word came in its partition. Its only output is its state: each count, each time it changes.
 * At "store" its store is away, and at "hang" it never comes back.
 */
class WordCounterTask implements Task<Buffer> {
  readonly #counts = new Map<string, number>()

  async process(batch: readonly StreamRecord<Buffer>[], out: Output): Promise<void> {
    for (const { value } of batch) {
      const word = value.toString()
      if (word === 'store') throw new RetryableError('the store', 'connect ECONNREFUSED')
      if (word === 'hang') await new Promise(() => undefined)
      const count = (this.#counts.get(word) ?? 0) + 1
      this.#counts.set(word, count)
      out.keep(word, Buffer.from(String(count)))
    }
  }

  restore(word: string, value: Uint8Array | null): void {
    if (value === null) this.#counts.delete(word)
    else {
      const text = Buffer.from(value).toString()
      if (!/^\d+$/.test(text)) throw new RangeError(`"${text}" is no count`)
      this.#counts.set(word, Number(text))
    }
  }
}

if (process.argv[1] === import.meta.filename) {
  const config = loadConfig(serviceSections)
  const { topicPrefix } = config.kafka
  const running = runWorker({
    name: 'word-counter',
    inputs: [wordsTopic(topicPrefix)],
    outputs: [],
    states: new Map([[wordsTopic(topicPrefix), countsTopic(topicPrefix)]]),
    config,
    createTask: () => new WordCounterTask(),
  })
  await running.catch((error: Error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(error instanceof ConfigurationError ? 2 : 1)
  })
  process.exit()
}

/** The topics and the workers of word counters in an installation. */
export class WordCounters {
  readonly words: string
  readonly counts: string
  readonly #installation: Installation

  private constructor(installation: Installation) {
    this.#installation = installation
    this.words = wordsTopic(installation.name)
    this.counts = countsTopic(installation.name)
  }

  static async install(installation: Installation, partitions: number): Promise<WordCounters> {
    const counters = new WordCounters(installation)
    const admin = await KafkaAdmin.open(installation.config.kafka, silent)
    const topic = (name: string, config: Readonly<Record<string, string>>) => ({
      name,
      partitions,
      replicationFactor: 1,
      config,
    })
    await admin.createTopics([
      topic(counters.words, {}),
      topic(counters.counts, { 'cleanup.policy': 'compact' }),
    ])
    await admin.close()
    return counters
  }

  start(label: string, env: Readonly<Record<string, string>> = {}, wanted = { ready: true }) {
    const { name, env: common } = this.#installation
    return startWorker({ name, env: { ...common, ...env } }, label, [import.meta.filename], wanted)
  }

  /** Every count that was ever committed, of each word in its partition, in order: `word@partition`. */
  async committed(isEnough: (counts: ReadonlyMap<string, readonly string[]>) => boolean) {
    const counts = new Map<string, string[]>()
    const { promise: enough, resolve } = Promise.withResolvers<void>()
    const consumer = createKafkaClient(this.#installation.config.kafka, silent).consumer({
      groupId: `${this.#installation.name}-reader-${Math.random()}`,
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [this.counts], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const place = `${message.key}@${partition}`
        counts.set(place, [...(counts.get(place) ?? []), String(message.value)])
        if (isEnough(counts)) resolve()
      },
    })
    await Promise.race([enough, new Promise((giveUp) => setTimeout(giveUp, 20_000).unref())])
    await consumer.disconnect()
    return counts
  }

  /** More partitions for both topics, or for one of them. */
  async grow(partitions: number, topics = [this.words, this.counts]): Promise<void> {
    const admin = createKafkaClient(this.#installation.config.kafka, silent).admin()
    await admin.connect()
    await admin.createPartitions({
      topicPartitions: topics.map((topic) => ({ topic, count: partitions })),
    })
    await admin.disconnect()
  }
}
