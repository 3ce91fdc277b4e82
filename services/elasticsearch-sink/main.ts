import type { Anomaly, Incident, LogBatch, WindowBatch } from '../../shared/avro/types.ts'
import { loadConfig } from '../../shared/config/load.ts'
import { type BulkItem, connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import { elasticsearchSection } from '../../shared/elasticsearch/config.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { elasticsearchSinkSection } from './config.ts'
import { anomalyDocument, incidentDocument, logDocument, windowDocument } from './documents.ts'
import { ElasticsearchSinkTask, type Input } from './elasticsearch-sink-task.ts'
import { templatesOf } from './templates.ts'

export const sections = {
  ...serviceSections,
  elasticsearch: elasticsearchSection,
  sink: elasticsearchSinkSection,
}

/** Logs, anomalies and incidents to Elasticsearch, and windows if they are wanted there. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  const topics = topicsOf(config.kafka.topicPrefix)
  const client = connectElasticsearch(config.elasticsearch)
  const { indexPrefix } = config.elasticsearch
  await runWorker({
    name: 'elasticsearch-sink',
    inputs: [
      topics.logs,
      topics.anomalies,
      topics.incidents,
      ...(config.sink.windows ? [topics.windows] : []),
    ],
    outputs: [],
    config,
    async prepare() {
      for (const [name, template] of templatesOf(indexPrefix, config.sink))
        await client.putTemplate(name, template)
    },
    createTask(context) {
      const sink = <T extends Input>(itemsOf: (value: T) => readonly BulkItem[]) =>
        new ElasticsearchSinkTask(config.sink, client, itemsOf, context)
      switch (context.topic) {
        case topics.logs.name:
          return sink(({ logs }: LogBatch) => logs.map((log) => logDocument(indexPrefix, log)))
        case topics.anomalies.name:
          return sink((anomaly: Anomaly) => [anomalyDocument(indexPrefix, anomaly)])
        case topics.windows.name:
          return sink(({ windows }: WindowBatch) => windows.map((one) => windowDocument(indexPrefix, one)))
        default:
          return sink((incident: Incident) => [incidentDocument(indexPrefix, incident)])
      }
    },
  })
}
