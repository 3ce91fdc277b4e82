import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import { RetryableError } from '../errors.ts'
import type { FetchedMessage } from '../kafka/consumer-group.ts'
import type { FetchQueue } from './fetch-queue.ts'
import type { Task, TopicPartition } from './task.ts'
import type { WorkerContext } from './worker-context.ts'

/**
 * Reads a state partition and hands its records to the task, so that the last one of a key stands; of those that are read
 * within `heldBytes` only the last is handed over, since to decode one costs more than to read it. Only the transactions
 * of one input partition write there: when those have been taken over and none is open, what lies before the end is all of it. A record that the task can't read counts as a removal: what an older
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
  let last = new Map<string, FetchedMessage>()
  let held = 0
  const handOver = async () => {
    let handed = 0
    for (const [name, message] of last) {
      if (++handed % entriesAtATime === 0) await yieldToEventLoop()
      if (signal.aborted) return
      const error = restoreEntry(task, name, message.value)
      if (!error) continue
      metrics.damagedState.inc({ topic: place.topic })
      log.error(
        { ...place, offset: message.position, key: name },
        `a damaged state entry is left out: ${error.message}`,
      )
    }
    last = new Map()
    held = 0
  }
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
      const size = sizeOfEntry(message)
      bytes += size
      held += size
      last.set(message.key?.toString() ?? '', message)
    }
    if (held > heldBytes) await handOver()
    position = Math.max(position, batch.nextOffset)
    await yieldToEventLoop()
  }
  await handOver()
  queue.close()
  const seconds = (performance.now() - started) / 1000
  metrics.stateRecords.set({ ...place }, records)
  metrics.stateBytes.set({ ...place }, bytes)
  metrics.restoreSeconds.observe(seconds)
  log.info({ ...place, records, bytes, seconds }, 'state read back')
}

/** Between them the worker may send a heartbeat. */
const entriesAtATime = 1_000

/** So much of what was read may wait to be decoded. */
const heldBytes = 64_000_000

function restoreEntry(task: Pick<Task<unknown>, 'restore'>, name: string, value: Buffer | null) {
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
