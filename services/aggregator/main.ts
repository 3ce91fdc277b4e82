import { loadConfig } from '../../shared/config/load.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { AggregatorTask } from './aggregator-task.ts'
import { aggregatorSection } from './config.ts'

export const sections = {
  ...serviceSections,
  aggregator: aggregatorSection,
}

/** Points to windows. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  const topics = topicsOf(config.kafka.topicPrefix)
  await runWorker({
    name: 'aggregator',
    inputs: [topics.points],
    outputs: [topics.windows, topics.late],
    config,
    createTask: (context, memo) => new AggregatorTask(config.aggregator, topics, context, memo),
  })
}
