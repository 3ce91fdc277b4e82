import { loadConfig } from '../../shared/config/load.ts'
import { replaySection } from '../../shared/replay/config.ts'
import { serviceSections } from '../../shared/stream/service-sections.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { runWorker } from '../../shared/stream/worker.ts'
import { normalizerSection } from './config.ts'
import { MarkingTask } from './marking-task.ts'
import { NormalizerTask } from './normalizer-task.ts'
import { replayBounds } from './replay/index.ts'
import { hasLimits, withoutLimits } from './tenants/tenant-settings.ts'

export const sections = {
  ...serviceSections,
  normalizer: normalizerSection,
  replay: replaySection,
}

/** Raw topics to points, logs and spans. */
export async function main(): Promise<void> {
  const config = loadConfig(sections)
  const topics = topicsOf(config.kafka.topicPrefix)
  const bounded = replayBounds(config.replay, topics)
  const settings = bounded ? withoutLimits(config.normalizer) : config.normalizer
  await runWorker({
    name: 'normalizer',
    inputs: config.normalizer.inputTopics,
    outputs: [
      topics.points,
      topics.logs,
      topics.spans,
      ...(hasLimits(settings.tenants) ? [topics.parking] : []),
    ],
    config,
    createTask: (context, memo) => {
      const task = new NormalizerTask(settings, topics, context, memo)
      return bounded?.(task, context) ?? new MarkingTask(task, topics, context)
    },
  })
}
