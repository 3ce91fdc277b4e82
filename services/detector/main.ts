import { loadConfig } from '../../shared/config/load.ts'
import { topicsSection } from '../../shared/kafka/topics-config.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { stateTopicOf, topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { detectorSection } from './config.ts'
import { DetectorTask } from './detector-task.ts'
import { IncidentTask } from './incidents/incident-task.ts'
import { MarkerTask } from './markers/marker-task.ts'
import { checkRetention } from './retention.ts'

export const sections = {
  ...serviceSections,
  topics: topicsSection,
  detector: detectorSection,
}

/** Windows to anomalies, and these to incidents of several series; markers to the windows that they are about. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  checkRetention(config)
  const { topicPrefix } = config.kafka
  const topics = topicsOf(topicPrefix)
  await runWorker({
    name: 'detector',
    inputs: [topics.windows, topics.findings, topics.markers],
    outputs: [topics.anomalies, topics.expectations, topics.findings, topics.incidents, topics.windows],
    states: new Map(
      [topics.windows, topics.findings].map((topic) => [topic.name, stateTopicOf(topicPrefix, topic)]),
    ),
    config,
    createTask: (context, memo) => {
      if (context.topic === topics.windows.name)
        return new DetectorTask(config.detector, topics, context, memo)
      if (context.topic === topics.findings.name) return new IncidentTask(config.detector, topics, context)
      return new MarkerTask(topics, context)
    },
  })
}
