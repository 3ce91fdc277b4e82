import type { Anomaly, LogBatch } from '../../shared/avro/types.ts'
import { loadConfig } from '../../shared/config/load.ts'
import { connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import { elasticsearchSection } from '../../shared/elasticsearch/config.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { elasticsearchSinkSection } from './config.ts'
import { anomalyDocument, logDocument } from './documents.ts'
import { ElasticsearchSinkTask } from './elasticsearch-sink-task.ts'
import { templatesOf } from './templates.ts'

export const sections = {
  ...serviceSections,
  elasticsearch: elasticsearchSection,
  sink: elasticsearchSinkSection,
}

/** Logs and anomalies to Elasticsearch. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  const topics = topicsOf(config.kafka.topicPrefix)
  const client = connectElasticsearch(config.elasticsearch)
  const { indexPrefix } = config.elasticsearch
  await runWorker({
    name: 'elasticsearch-sink',
    inputs: [topics.logs, topics.anomalies],
    outputs: [],
    config,
    async prepare() {
      for (const [name, template] of templatesOf(indexPrefix, config.sink))
        await client.putTemplate(name, template)
    },
    createTask: (context) =>
      context.topic === topics.logs.name
        ? new ElasticsearchSinkTask(
            config.sink,
            client,
            ({ logs }: LogBatch) => logs.map((log) => logDocument(indexPrefix, log)),
            context,
          )
        : new ElasticsearchSinkTask(
            config.sink,
            client,
            (anomaly: Anomaly) => [anomalyDocument(indexPrefix, anomaly)],
            context,
          ),
  })
}
