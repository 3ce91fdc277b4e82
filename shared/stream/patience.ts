import { RetryableError } from '../errors.ts'
import type { Backoff } from './backoff.ts'
import type { TopicPartition } from './task.ts'
import type { WorkerContext } from './worker-context.ts'

/** Who waits, and until when. */
export interface Waiting {
  readonly context: WorkerContext
  readonly place: TopicPartition
  /** Under which its health is told. */
  readonly key: string
  readonly backoff: Backoff
  /** The task is closed. */
  readonly signal: AbortSignal
}

/** Tries until it works or the task is closed, while a server is away. */
export async function retrying(
  attempt: () => void | Promise<void>,
  { context, place, key, backoff, signal }: Waiting,
): Promise<void> {
  for (;;) {
    try {
      const pending = attempt()
      if (pending) await pending
      backoff.reset()
      context.health.setReady(key)
      return
    } catch (error) {
      if (!(error instanceof RetryableError) || signal.aborted) throw error
      context.health.setNotReady(key, `${error.server} can't be used: ${error.message}`)
      context.log.warn({ ...place, server: error.server }, `${error.message}; trying again`)
      await backoff.wait(signal, error)
      if (signal.aborted) throw error
    }
  }
}

/**
 * A worker that stood still does not know whether its partition was another's since, who has written on: what it has
 * in hand may be old. It waits until the group has heard of it; if it was thrown out, its task is closed by then.
 */
export async function untilMember(
  lapse: Promise<void>,
  { context, place, signal }: Pick<Waiting, 'context' | 'place' | 'signal'>,
): Promise<void> {
  context.log.warn(
    { ...place },
    `the group ${context.groupId} has not heard of this worker for too long: waiting before the next write`,
  )
  const closed = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => closed.resolve(), { once: true })
  if (!signal.aborted) await Promise.race([lapse, closed.promise])
  signal.throwIfAborted()
}
