import { loadConfig } from '../../shared/config/load.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { normalizerSection } from './config.ts'
import { NormalizerTask } from './normalizer-task.ts'

export const sections = {
  ...serviceSections,
  normalizer: normalizerSection,
}

/** Raw topics to points and logs. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  const topics = topicsOf(config.kafka.topicPrefix)
  await runWorker({
    name: 'normalizer',
    inputs: config.normalizer.inputTopics,
    outputs: [topics.points, topics.logs],
    config,
    createTask: (context) => new NormalizerTask(config.normalizer, topics, context),
  })
}
