import type { RegistryConfig } from '../../shared/avro/config.ts'
import type { Anomaly, Window, WindowBatch } from '../../shared/avro/types.ts'
import type { KafkaConfig } from '../../shared/kafka/config.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import { seriesKey } from '../../shared/series/series.ts'
import { type Tail, tail } from '../../shared/stream/tail.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import type { Pipeline } from './pipeline.ts'
import { type ServiceSample, scrape } from './scrape.ts'
import type { View } from './summary.ts'

/** Series whose newest window is kept; more than a screen shows. */
const maxSeries = 5_000

/** Follows a running pipeline: its services' metrics, and what comes out of it. */
export class Watch {
  readonly #pipeline: Pipeline
  readonly #startedAt = Date.now()
  readonly #newest = new Map<string, Window>()
  #windowCount = 0
  #anomalies: Anomaly[] = []
  #anomalyCount = 0
  #samples = new Map<
    string,
    { readonly now: ServiceSample | undefined; readonly before: ServiceSample | undefined }
  >()
  #tail: Tail | undefined

  private constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline
  }

  static async start(
    pipeline: Pipeline,
    { kafka, registry }: { readonly kafka: KafkaConfig; readonly registry: RegistryConfig },
    log: Logger,
  ): Promise<Watch> {
    const watch = new Watch(pipeline)
    const topics = topicsOf(kafka.topicPrefix)
    watch.#tail = await tail({
      kafka,
      registry,
      topics: [topics.windows, topics.anomalies],
      log,
      onRecord: (topic, value) => {
        if (topic === topics.windows.name) watch.#takeWindows(value as WindowBatch)
        else watch.#takeAnomaly(value as Anomaly)
      },
    })
    return watch
  }

  async close(): Promise<void> {
    await this.#tail?.close()
  }

  /** What there is to see now. */
  async view(): Promise<
    Pick<View, 'seconds' | 'samples' | 'windows' | 'windowCount' | 'anomalies' | 'anomalyCount'>
  > {
    const samples = await Promise.all(
      this.#pipeline.services.map(async ({ name, url }) => ({
        name,
        now: await scrape(name, url),
        before: this.#samples.get(name)?.now,
      })),
    )
    this.#samples = new Map(samples.map((sample) => [sample.name, sample]))
    return {
      seconds: (Date.now() - this.#startedAt) / 1_000,
      samples,
      windows: [...this.#newest.values()],
      windowCount: this.#windowCount,
      anomalies: this.#anomalies,
      anomalyCount: this.#anomalyCount,
    }
  }

  #takeWindows({ windows }: WindowBatch): void {
    this.#windowCount += windows.length
    for (const window of windows) {
      const key = seriesKey(window.series)
      if (this.#newest.size < maxSeries || this.#newest.has(key)) this.#newest.set(key, window)
    }
  }

  #takeAnomaly(anomaly: Anomaly): void {
    if (anomaly.revision === 0) this.#anomalyCount++
    this.#anomalies = [...this.#anomalies.filter(({ id }) => id !== anomaly.id), anomaly].slice(-5)
  }
}
