import { loadConfig } from '../../shared/config/load.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { detectorSection } from './config.ts'
import { DetectorTask } from './detector-task.ts'

export const sections = {
  ...serviceSections,
  detector: detectorSection,
}

/** Windows to anomalies. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  const topics = topicsOf(config.kafka.topicPrefix)
  await runWorker({
    name: 'detector',
    inputs: [topics.windows],
    outputs: [topics.anomalies],
    config,
    createTask: (context, memo) => new DetectorTask(config.detector, topics, context, memo),
  })
}
