import type { Anomaly, Incident, LogBatch, WindowBatch } from '../../shared/avro/types.ts'
import type { BulkItem, ElasticsearchClient } from '../../shared/elasticsearch/client.ts'
import { chunks } from '../../shared/stream/chunks.ts'
import type { Output, Refusal, StreamRecord, Task, TaskContext } from '../../shared/stream/task.ts'
import type { ElasticsearchSinkConfig } from './config.ts'
import { type ElasticsearchSinkMetrics, elasticsearchSinkMetrics } from './metrics.ts'

/** The records that go to Elasticsearch. */
export type Input = LogBatch | Anomaly | Incident | WindowBatch

/** A document, and where it came from. */
interface Row {
  readonly record: StreamRecord<Input>
  readonly position: number
  readonly item: BulkItem
}

/**
 * Writes records to Elasticsearch. A call ends when the server has acknowledged each document of it, so that the
 * offsets may be committed; documents that it refuses for good go to the dead-letter topic.
 */
export class ElasticsearchSinkTask<In extends Input> implements Task<In> {
  readonly writesOutside = true
  readonly #config: ElasticsearchSinkConfig
  readonly #client: ElasticsearchClient
  readonly #itemsOf: (value: In) => readonly BulkItem[]
  readonly #metrics: ElasticsearchSinkMetrics

  constructor(
    config: ElasticsearchSinkConfig,
    client: ElasticsearchClient,
    itemsOf: (value: In) => readonly BulkItem[],
    context: TaskContext,
  ) {
    this.#config = config
    this.#client = client
    this.#itemsOf = itemsOf
    this.#metrics = elasticsearchSinkMetrics(context.metrics)
  }

  async process(batch: readonly StreamRecord<In>[], out: Output, signal: AbortSignal): Promise<void> {
    const rows = batch.flatMap((record) =>
      this.#itemsOf(record.value).map((item, position): Row => ({ record, position, item })),
    )
    const { maxDocuments, maxRequestBytes } = this.#config
    const refused: (Row & { readonly reason: string })[] = []
    for (const request of chunks(rows, lengthOf, { maxItems: maxDocuments, maxSize: maxRequestBytes })) {
      const started = performance.now()
      const outcomes = await this.#client.bulk(
        request.map(({ item }) => item),
        signal,
      )
      this.#metrics.seconds.observe((performance.now() - started) / 1000)
      for (const [i, outcome] of outcomes.entries()) {
        this.#metrics.documents.inc({ outcome: outcome.kind })
        if (outcome.kind === 'refused') refused.push({ ...request[i]!, reason: outcome.reason })
      }
    }
    for (const [record, parts] of Map.groupBy(refused, (row) => row.record)) {
      const refusals: Refusal[] = parts.map(({ position, reason }) => ({
        position,
        reason: 'refused_by_elasticsearch',
        detail: reason,
      }))
      out.reject(record, 'refused_by_elasticsearch', parts[0]!.reason, refusals)
    }
  }
}

/** In characters, with what the bulk request says about it. */
const lengthOf = ({ item }: Row) => item.document.length + 200
