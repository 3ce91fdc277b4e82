import type { Anomaly, Incident, LogBatch } from '../../shared/avro/types.ts'
import { loadConfig } from '../../shared/config/load.ts'
import { type BulkItem, connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import { elasticsearchSection } from '../../shared/elasticsearch/config.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { elasticsearchSinkSection } from './config.ts'
import { anomalyDocument, incidentDocument, logDocument } from './documents.ts'
import { ElasticsearchSinkTask } from './elasticsearch-sink-task.ts'
import { templatesOf } from './templates.ts'

export const sections = {
  ...serviceSections,
  elasticsearch: elasticsearchSection,
  sink: elasticsearchSinkSection,
}

/** Logs, anomalies and incidents to Elasticsearch. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  const topics = topicsOf(config.kafka.topicPrefix)
  const client = connectElasticsearch(config.elasticsearch)
  const { indexPrefix } = config.elasticsearch
  await runWorker({
    name: 'elasticsearch-sink',
    inputs: [topics.logs, topics.anomalies, topics.incidents],
    outputs: [],
    config,
    async prepare() {
      for (const [name, template] of templatesOf(indexPrefix, config.sink))
        await client.putTemplate(name, template)
    },
    createTask(context) {
      const sink = <T extends LogBatch | Anomaly | Incident>(itemsOf: (value: T) => readonly BulkItem[]) =>
        new ElasticsearchSinkTask(config.sink, client, itemsOf, context)
      switch (context.topic) {
        case topics.logs.name:
          return sink(({ logs }: LogBatch) => logs.map((log) => logDocument(indexPrefix, log)))
        case topics.anomalies.name:
          return sink((anomaly: Anomaly) => [anomalyDocument(indexPrefix, anomaly)])
        default:
          return sink((incident: Incident) => [incidentDocument(indexPrefix, incident)])
      }
    },
  })
}
