import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { RetryableError } from '../errors.ts'
import type { FetchedMessage } from '../kafka/consumer-group.ts'
import type { FetchQueue } from './fetch-queue.ts'
import type { Task, TopicPartition } from './task.ts'
import type { WorkerContext } from './worker-context.ts'

/**
 * Reads a state partition and hands each of its records to the task, in the order of the log, so that the last one of
 * a key stands. Only the transactions of one input partition write there: when those have been taken over and none is
 * open, what lies before the end is all of it. A record that the task can't read counts as a removal: what an older
 * one of that key said is no longer true. Ends early when the signal comes.
 */
export async function restoreState(
  { admin, log, metrics }: Pick<WorkerContext, 'admin' | 'log' | 'metrics'>,
  place: TopicPartition,
  queue: FetchQueue,
  task: Pick<Task<unknown>, 'restore'>,
  signal: AbortSignal,
): Promise<void> {
  const started = performance.now()
  const range = (await admin.ranges(place.topic)).get(place.partition)
  if (!range) throw new RetryableError('Kafka', `${place.topic} has no partition ${place.partition}`)
  let records = 0
  let bytes = 0
  let position = range.start
  if (position < range.end) queue.open(position)
  while (position < range.end && !signal.aborted) {
    const batch = queue.take()
    if (!batch) {
      await queue.wait()
      continue
    }
    for (const message of batch.messages) {
      const offset = message.position
      if (offset < position) continue
      position = offset + 1
      records++
      bytes += sizeOfEntry(message)
      const error = restoreEntry(task, message)
      if (!error) continue
      metrics.damagedState.inc({ topic: place.topic })
      log.error(
        { ...place, offset, key: String(message.key) },
        `a damaged state entry is left out: ${error.message}`,
      )
    }
    position = Math.max(position, batch.nextOffset)
    await yieldToEventLoop()
  }
  queue.close()
  const seconds = (performance.now() - started) / 1000
  metrics.stateRecords.set({ ...place }, records)
  metrics.stateBytes.set({ ...place }, bytes)
  metrics.restoreSeconds.observe(seconds)
  log.info({ ...place, records, bytes, seconds }, 'state read back')
}

function restoreEntry(task: Pick<Task<unknown>, 'restore'>, { key, value }: FetchedMessage) {
  const name = key?.toString() ?? ''
  try {
    task.restore?.(name, value)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    task.restore?.(name, null)
    return error
  }
  return undefined
}

/** Bytes of an entry, key and value. */
export const sizeOfEntry = ({ key, value }: { readonly key: Buffer | null; readonly value: Buffer | null }) =>
  (key?.length ?? 0) + (value?.length ?? 0)
