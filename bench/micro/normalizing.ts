import type { NormalizerConfig } from '../../services/normalizer/config.ts'
import { NormalizerTask } from '../../services/normalizer/normalizer-task.ts'
import type { Output } from '../../shared/stream/task.ts'
import { normalizerDefaults, now } from '../../test/support/normalize.ts'
import { record, taskContext, topics } from '../../test/support/task-context.ts'

/** A call of the real task on records of these bytes, into nothing. It throws Error when one is refused. */
export function normalizing(
  messages: readonly Buffer[],
  settings: NormalizerConfig = normalizerDefaults,
  headers: Readonly<Record<string, Buffer>> = {},
): () => void {
  const task = new NormalizerTask(settings, topics, taskContext({ topic: 'raw', partitions: 1, now }))
  const out: Output = {
    isDiscarded: false,
    keep: () => undefined,
    send: () => undefined,
    reject: (_: unknown, reason: string) => {
      throw new Error(reason)
    },
  }
  const records = messages.map((bytes, i) => record(i, bytes, { topic: 'raw', timestamp: now, headers }))
  return () => {
    task.process(records, out)
    task.beforeCommit(out)
  }
}
