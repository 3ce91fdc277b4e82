import { loadConfig } from '../../shared/config/load.ts'
import { topicsSection } from '../../shared/kafka/topics-config.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { stateTopicOf, topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { AggregatorTask } from './aggregator-task.ts'
import { aggregatorSection } from './config.ts'
import { checkRetention } from './retention.ts'
import { RollUpTask } from './roll-up-task.ts'

export const sections = {
  ...serviceSections,
  topics: topicsSection,
  aggregator: aggregatorSection,
}

/** Points to windows; and, in a second step, parts of roll-ups and ratios to windows. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  checkRetention(config)
  const { topicPrefix } = config.kafka
  const topics = topicsOf(topicPrefix)
  const inputs = [topics.points, topics.partials]
  await runWorker({
    name: 'aggregator',
    inputs,
    outputs: [topics.windows, topics.partials, topics.late, topics.logs],
    states: new Map(inputs.map((topic) => [topic.name, stateTopicOf(topicPrefix, topic)])),
    config,
    createTask: (context, memo) =>
      context.topic === topics.points.name
        ? new AggregatorTask(config.aggregator, topics, context, memo)
        : new RollUpTask(config.aggregator, topics, context, memo),
  })
}
