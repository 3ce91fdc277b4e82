import { setTimeout as delay } from 'node:timers/promises'
import { memoForReplay } from '../../services/normalizer/memo.ts'
import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import type { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { commitGroupOffsets } from '../../shared/kafka/group-offsets.ts'
import { createProducer } from '../../shared/kafka/producer.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import { placeName } from '../../shared/replay/config.ts'
import { markOf } from '../../shared/replay/marks.ts'
import { decodeCommitMetadata, encodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import type { EventTime } from '../../shared/stream/task.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { topicSettings } from '../../shared/stream/topic-settings.ts'
import { groupIdOf } from '../../shared/stream/worker.ts'
import type { Config } from '../sections.ts'
import { type Bounds, findBounds } from './bounds.ts'
import { copyMarkers } from './copy-markers.ts'
import { mapOffsets, type Offsets } from './offsets.ts'
import type { ReplayRequest } from './request.ts'

/** The topics and groups of a replay: a temporary installation beside the live one. All it remembers is in them. */
export class Installation {
  readonly #config: Config
  readonly #admin: KafkaAdmin
  readonly #request: ReplayRequest
  readonly #log: Logger

  constructor(config: Config, admin: KafkaAdmin, request: ReplayRequest, log: Logger) {
    this.#config = config
    this.#admin = admin
    this.#request = request
    this.#log = log
  }

  group(service: string): string {
    return groupIdOf({ ...this.#config.kafka, topicPrefix: this.#request.prefix }, service)
  }

  /** What an earlier run has begun is taken up with its bounds; otherwise they are found, and topics and groups made. */
  async open(): Promise<Bounds & { readonly resumed: boolean }> {
    await this.#refuseSecond()
    const known = await this.#knownBounds()
    if (known) return { ...known, resumed: true }
    const bounds = await findBounds(this.#admin, this.#request)
    await this.#createTopics()
    await copyMarkers(this.#config, this.#request, this.#admin, this.#log)
    await this.mark(bounds, this.#request.readFrom)
    const client = createKafkaClient(this.#config.kafka, this.#log)
    const memos = await this.#liveMemos()
    const commit = (service: string, offsets: Offsets) =>
      commitGroupOffsets(
        client,
        this.group(service),
        mapOffsets(offsets, (offset, topic, partition) => ({
          offset,
          metadata: encodeCommitMetadata({
            emitted: offset,
            memo: service === 'normalizer' ? (memos.get(topic)?.get(partition) ?? '') : '',
          }),
        })),
      )
    await commit('begin', bounds.begin)
    await commit('until', bounds.until)
    // Last, because it says that the others are there.
    await commit('normalizer', bounds.begin)
    return { ...bounds, resumed: false }
  }

  /** Says in all partitions of points that each raw partition of the stretch has been read to `time`. */
  async mark({ begin, until }: Bounds, time: EventTime): Promise<void> {
    const { kafka, registry } = this.#config
    const { points } = topicsOf(this.#request.prefix)
    const codec = new Codec(connectRegistry(registry))
    await codec.prepareWriter(points.name, points.schema)
    const partitions = [...Array((await this.#admin.partitionCounts([points.name])).get(points.name)!).keys()]
    const producer = await createProducer(kafka, this.#log)
    try {
      for (const [topic, ends] of until) {
        for (const [partition, end] of ends) {
          if (begin.get(topic)!.get(partition)! >= end) continue
          const value = codec.encode(
            points.name,
            points.schema,
            markOf({ topic, partition }, time, ends.size),
          )
          await producer.send(
            points.name,
            partitions.map((to) => ({ partition: to, value })),
          )
        }
      }
    } finally {
      await producer.close()
    }
  }

  /** Deletes all of its topics and groups; returns how many there were. */
  async remove(): Promise<number> {
    const { prefix } = this.#request
    const topics = (await this.#admin.listTopics()).filter((name) => name.startsWith(`${prefix}.`))
    const groups = (await this.#admin.listGroups()).filter((name) => name.startsWith(`${prefix}-`))
    await this.#admin.deleteGroups(groups)
    await this.#admin.deleteTopics(topics)
    return topics.length + groups.length
  }

  /** Members of a replay that was killed are gone within a session. */
  async #refuseSecond(): Promise<void> {
    const patience = AbortSignal.timeout(this.#config.worker.sessionTimeoutMs + 5_000)
    for (const service of ['normalizer', 'aggregator', 'detector', 'influx-sink']) {
      while ((await this.#admin.membersOf(this.group(service))) > 0) {
        if (patience.aborted)
          throw new ConfigurationError(
            `The group ${this.group(service)} has members: a replay of this stretch is running already.`,
          )
        await delay(500)
      }
    }
  }

  async #knownBounds(): Promise<Bounds | undefined> {
    const { rawTopics } = this.#request
    const existing = await this.#admin.partitionCounts(rawTopics)
    if (existing.size < rawTopics.length) return undefined
    const of = async (service: string): Promise<Offsets> => {
      const found = await this.#admin.committedBy(this.group(service), rawTopics)
      return mapOffsets(found, ({ offset }) => offset)
    }
    const started = await of('normalizer')
    if (rawTopics.some((topic) => !started.get(topic)?.size)) return undefined
    const [begin, until] = await Promise.all([of('begin'), of('until')])
    return { begin, until }
  }

  /** What the live normalizer remembers of each raw partition, as far as it is true of the stretch. */
  async #liveMemos() {
    const group = groupIdOf(this.#config.kafka, 'normalizer')
    const committed = await this.#admin.committedBy(group, this.#request.rawTopics)
    return mapOffsets(committed, ({ metadata }) => memoForReplay(decodeCommitMetadata(metadata)?.memo ?? ''))
  }

  /** With as many partitions as the live ones have, and the schemas of their records. */
  async #createTopics(): Promise<void> {
    const { kafka, topics, registry } = this.#config
    const { prefix } = this.#request
    const wanted = topicSettings(topics, prefix, [])
    const liveName = (name: string) => kafka.topicPrefix + name.slice(prefix.length)
    const live = await this.#admin.partitionCounts(wanted.map(({ name }) => liveName(name)))
    const client = connectRegistry(registry)
    for (const topic of Object.values(topicsOf(prefix))) await client.register(topic.name, topic.schema)
    await this.#admin.createTopics(
      wanted.map((settings) => ({
        ...settings,
        partitions: live.get(liveName(settings.name)) ?? settings.partitions,
      })),
    )
  }
}

/** What the workers of a replay are told beside their own environment: the one place where they differ from live ones. */
export function workerEnvironment(
  request: ReplayRequest,
  { until }: Bounds,
  isRead: (topic: string, partition: number) => boolean,
): Readonly<Record<string, string>> {
  const iso = (time: number) => new Date(time).toISOString()
  const ends = [...until].flatMap(([topic, partitions]) =>
    [...partitions]
      .filter(([partition]) => !isRead(topic, partition))
      .map(([partition, offset]) => `${placeName(topic, partition)}=${offset}`),
  )
  return {
    TIDEMARK_KAFKA_TOPIC_PREFIX: request.prefix,
    TIDEMARK_NORMALIZER_INPUT_TOPICS: request.rawTopics.join(','),
    TIDEMARK_WORKER_START_FROM: 'earliest',
    TIDEMARK_REPLAY_FROM: iso(request.from),
    TIDEMARK_REPLAY_TO: iso(request.to),
    TIDEMARK_REPLAY_READ_FROM: iso(request.readFrom),
    TIDEMARK_REPLAY_UNTIL: ends.join(','),
    ...(request.recordsPerSecond && {
      TIDEMARK_REPLAY_MAX_RECORDS_PER_SECOND: String(request.recordsPerSecond),
      // So that a slow replay goes on evenly.
      TIDEMARK_WORKER_MAX_BATCH_RECORDS: String(
        Math.min(500, Math.max(1, Math.ceil(request.recordsPerSecond / 5))),
      ),
    }),
    TIDEMARK_AGGREGATOR_LATENESS_MS: String(request.latenessMs),
    // The marks alone move the windows on: a pause of the replay is not a pause of the producers.
    TIDEMARK_AGGREGATOR_IDLE_MS: '3600000',
    TIDEMARK_AGGREGATOR_SOURCE_IDLE_MS: '3600000',
    TIDEMARK_AGGREGATOR_MAX_HOLD_BACK_MS: '86400000',
    TIDEMARK_HTTP_HOST: '127.0.0.1',
  }
}
