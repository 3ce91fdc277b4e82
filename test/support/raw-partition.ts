import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import type { Producer } from '../../shared/kafka/producer.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import { eventually, type Installation, install, producerFor, silent, stopServices } from './pipeline.ts'

/** The first partition of a raw topic, all records of which a test writes, and what the normalizer has committed for it. */
export class RawPartition {
  readonly installation: Installation
  readonly #topic: string
  readonly #producer: Producer
  readonly #admin: KafkaAdmin

  private constructor(installation: Installation, topic: string, producer: Producer, admin: KafkaAdmin) {
    this.installation = installation
    this.#topic = topic
    this.#producer = producer
    this.#admin = admin
  }

  /** In an installation of its own, whose normalizer commits often. */
  static async install(
    kind: 'rawMetrics' | 'rawLogs',
    settings: Readonly<Record<string, string>>,
  ): Promise<RawPartition> {
    const installation = await install({ TIDEMARK_WORKER_COMMIT_INTERVAL_MS: '50', ...settings })
    const producer = await producerFor(installation)
    const admin = await KafkaAdmin.open(installation.config.kafka, silent)
    return new RawPartition(installation, installation[kind], producer, admin)
  }

  /** A record for each value. */
  async send(values: readonly string[], headers: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.#producer.send(
      this.#topic,
      values.map((value) => ({ value, key: 'agent', partition: 0, headers })),
    )
  }

  /** Undefined before the first commit. */
  async committed() {
    const found = await this.#admin.committed(`${this.installation.name}-normalizer`, this.#topic, 0)
    return found && { offset: found.offset, ...decodeCommitMetadata(found.metadata) }
  }

  /** Waits until what comes of all records before `offset` is committed. */
  committedUpTo(offset: number) {
    return eventually(
      () => this.committed(),
      (found) => (found?.emitted ?? 0) >= offset,
    )
  }

  /** Ends its services, too. */
  async close(): Promise<void> {
    await this.#admin.close()
    await this.#producer.close()
    await stopServices()
  }
}
