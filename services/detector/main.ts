import { loadConfig } from '../../shared/config/load.ts'
import { topicsSection } from '../../shared/kafka/topics-config.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { stateTopicOf, topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { detectorSection } from './config.ts'
import { DetectorTask } from './detector-task.ts'
import { IncidentTask } from './incidents/incident-task.ts'
import { MarkerTask } from './markers/marker-task.ts'
import { PeerTask } from './peers/peer-task.ts'
import { checkRetention } from './retention.ts'

export const sections = {
  ...serviceSections,
  topics: topicsSection,
  detector: detectorSection,
}

/**
 * Windows to anomalies, of each series and of each among its siblings, and these to incidents of several series; markers to the
 * windows that they are about.
 */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  checkRetention(config)
  const { topicPrefix } = config.kafka
  const topics = topicsOf(topicPrefix)
  // Who looks at nothing together needs no topic for it.
  const { peers, entities } = config.detector
  const compared = peers.length + entities.length > 0 ? [topics.peers] : []
  const inputs = [topics.windows, topics.findings, ...compared]
  await runWorker({
    name: 'detector',
    inputs: [...inputs, topics.markers],
    outputs: [
      topics.anomalies,
      topics.expectations,
      topics.findings,
      topics.incidents,
      topics.windows,
      ...compared,
    ],
    states: new Map(inputs.map((topic) => [topic.name, stateTopicOf(topicPrefix, topic)])),
    config,
    createTask: (context, memo) => {
      if (context.topic === topics.windows.name)
        return new DetectorTask(config.detector, topics, context, memo)
      if (context.topic === topics.findings.name) return new IncidentTask(config.detector, topics, context)
      if (context.topic === topics.peers.name) return new PeerTask(config.detector, topics, context, memo)
      return new MarkerTask(topics, context)
    },
  })
}
