import type { Buffer } from 'node:buffer'
import { placeName, type ReplayConfig, stretchOf } from '../../../shared/replay/config.ts'
import type { Task, TaskContext } from '../../../shared/stream/task.ts'
import type { Topics } from '../../../shared/stream/topic.ts'
import { Pace } from './pace.ts'
import { StretchTask } from './stretch-task.ts'

/** Puts the bounds of a replay around the tasks of a worker; undefined when it belongs to none. */
export function replayBounds(config: ReplayConfig, topics: Topics) {
  const stretch = stretchOf(config)
  if (!stretch) return undefined
  const { until, maxRecordsPerSecond } = config
  const pace = new Pace({ places: Object.keys(until), maxRecordsPerSecond, now: Date.now })
  return (task: Task<Buffer | null>, context: TaskContext): Task<Buffer | null> => {
    const end = until[placeName(context.topic, context.partition)] ?? 0
    return new StretchTask(task, { stretch, until: end, pace }, topics, context)
  }
}
