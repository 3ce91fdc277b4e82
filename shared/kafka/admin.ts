import { setTimeout as delay } from 'node:timers/promises'
import { RefusedError } from '../errors.ts'
import type { Logger } from '../observability/logger.ts'
import { createKafkaClient, type KafkaClient } from './client.ts'
import type { KafkaConfig } from './config.ts'
import { kafkaError } from './errors.ts'
import kafkajs, { type Admin } from './kafkajs.ts'

export interface CommittedOffset {
  readonly offset: number
  readonly metadata: string
}

export interface TopicSettings {
  readonly name: string
  readonly partitions: number
  readonly replicationFactor: number
  /** Topic configuration by Kafka's names, such as `retention.ms`. */
  readonly config: Readonly<Record<string, string>>
}

interface PartitionRange {
  /** The first offset that retention has left. */
  readonly start: number
  readonly end: number
}

/** Questions to the cluster. All throw RetryableError when it can't be reached. */
export class KafkaAdmin {
  readonly #admin: Admin

  private constructor(admin: Admin) {
    this.#admin = admin
  }

  static async connect(client: KafkaClient): Promise<KafkaAdmin> {
    const admin = client.admin()
    await admin.connect().catch((error: unknown) => {
      throw kafkaError(error, 'connecting to Kafka')
    })
    return new KafkaAdmin(admin)
  }

  static open(config: KafkaConfig, log: Logger): Promise<KafkaAdmin> {
    return KafkaAdmin.connect(createKafkaClient(config, log))
  }

  close(): Promise<void> {
    return this.#admin.disconnect()
  }

  /** Creates those that do not exist yet; returns the names of the new ones. */
  async createTopics(topics: readonly TopicSettings[]): Promise<readonly string[]> {
    return this.#ask('creating topics', async () => {
      const existing = new Set(await this.#admin.listTopics())
      const missing = topics.filter(({ name }) => !existing.has(name))
      if (missing.length > 0) {
        await this.#admin.createTopics({
          // kafkajs' own way of waiting fails when a broker has not heard of the topic yet.
          waitForLeaders: false,
          topics: missing.map(({ name, partitions, replicationFactor, config }) => ({
            topic: name,
            numPartitions: partitions,
            replicationFactor,
            configEntries: Object.entries(config).map(([key, value]) => ({ name: key, value })),
          })),
        })
      }
      const names = missing.map(({ name }) => name)
      await this.#untilThere(names)
      return names
    })
  }

  listTopics(): Promise<readonly string[]> {
    return this.#ask('listing topics', () => this.#admin.listTopics())
  }

  /** The number of partitions of each of these topics; a topic that does not exist is left out. Throws RefusedError when one may not be seen. */
  async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#ask('reading metadata', async () => {
      const existing = new Set(await this.#admin.listTopics())
      for (const name of topics.filter((topic) => !existing.has(topic))) await this.#checkVisible(name)
      const wanted = topics.filter((name) => existing.has(name))
      // Asked for none, kafkajs tells of all.
      if (wanted.length === 0) return new Map()
      const { topics: found } = await this.#admin.fetchTopicMetadata({ topics: wanted })
      return new Map(found.map(({ name, partitions }) => [name, partitions.length]))
    })
  }

  /** The settings of a topic that matter here, by Kafka's names. */
  async topicConfig(topic: string): Promise<ReadonlyMap<string, string>> {
    return this.#ask(`reading the settings of ${topic}`, async () => {
      const { resources } = await this.#admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
      })
      return new Map(
        resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]),
      )
    })
  }

  /** Where each partition of a topic begins and ends now. */
  async ranges(topic: string): Promise<ReadonlyMap<number, PartitionRange>> {
    return this.#ask(`reading the offsets of ${topic}`, async () => {
      const partitions = await this.#admin.fetchTopicOffsets(topic)
      return new Map(
        partitions.map(({ partition, low, high }) => [partition, { start: Number(low), end: Number(high) }]),
      )
    })
  }

  /** What a group has committed for one partition, or nothing yet. */
  async committed(groupId: string, topic: string, partition: number): Promise<CommittedOffset | undefined> {
    return this.#ask(`reading the offsets of group ${groupId}`, async () => {
      const [answer] = await this.#admin.fetchOffsets({ groupId, topics: [topic], resolveOffsets: false })
      const found = answer?.partitions.find((entry) => entry.partition === partition)
      return found && Number(found.offset) >= 0
        ? { offset: Number(found.offset), metadata: found.metadata ?? '' }
        : undefined
    })
  }

  /** What a group has committed, by topic and partition; of topics that exist. */
  async committedBy(
    groupId: string,
    topics: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>>> {
    if (topics.length === 0) return new Map()
    return this.#ask(`reading the offsets of group ${groupId}`, async () => {
      const answers = await this.#admin.fetchOffsets({ groupId, topics: [...topics], resolveOffsets: false })
      return new Map(
        answers.map(({ topic, partitions }) => [
          topic,
          new Map(
            partitions
              .filter(({ offset }) => Number(offset) >= 0)
              .map(({ partition, offset, metadata }) => [
                partition,
                { offset: Number(offset), metadata: metadata ?? '' },
              ]),
          ),
        ]),
      )
    })
  }

  /** By partition, the first offset whose record was written at `time` or later; the end where there is none. */
  async offsetsAt(topic: string, time: number): Promise<ReadonlyMap<number, number>> {
    return this.#ask(`looking for ${new Date(time).toISOString()} in ${topic}`, async () => {
      const found = await this.#admin.fetchTopicOffsetsByTimestamp(topic, time)
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]))
    })
  }

  /** The number of members that a group has now; 0 for one that does not exist. */
  async membersOf(groupId: string): Promise<number> {
    return this.#ask(`describing the group ${groupId}`, async () => {
      const { groups } = await this.#admin.describeGroups([groupId])
      return groups[0]?.members.length ?? 0
    })
  }

  listGroups(): Promise<readonly string[]> {
    return this.#ask('listing groups', async () => {
      const { groups } = await this.#admin.listGroups()
      return groups.map(({ groupId }) => groupId)
    })
  }

  /** Deletes groups without members, with their offsets. */
  async deleteGroups(groupIds: readonly string[]): Promise<void> {
    if (groupIds.length > 0) await this.#ask('deleting groups', () => this.#admin.deleteGroups([...groupIds]))
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    if (names.length > 0)
      await this.#ask('deleting topics', () => this.#admin.deleteTopics({ topics: [...names] }))
  }

  async cluster(): Promise<{ readonly brokers: number; readonly clusterId: string }> {
    return this.#ask('describing the cluster', async () => {
      const { brokers, clusterId } = await this.#admin.describeCluster()
      return { brokers: brokers.length, clusterId }
    })
  }

  /** Metadata reaches the brokers some time after a topic was created. Returns after ten seconds at the latest. */
  async #untilThere(topics: readonly string[]): Promise<void> {
    const deadline = Date.now() + 10_000
    while (topics.length > 0 && Date.now() < deadline) {
      const metadata = await this.#admin
        .fetchTopicMetadata({ topics: [...topics] })
        .catch(() => ({ topics: [] }))
      const leaders = metadata.topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader))
      if (metadata.topics.length === topics.length && leaders.every((leader) => leader >= 0)) return
      await delay(100)
    }
  }

  /** A listing leaves out topics that may not be seen; asked for by name, the broker says so. */
  async #checkVisible(topic: string): Promise<void> {
    await this.#admin.fetchTopicMetadata({ topics: [topic] }).catch((error: unknown) => {
      if (kafkaError(error, '') instanceof RefusedError) throw error
    })
  }

  async #ask<T>(doing: string, question: () => Promise<T>): Promise<T> {
    try {
      return await question()
    } catch (error) {
      throw kafkaError(error, doing)
    }
  }
}
