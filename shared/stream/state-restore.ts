import { setImmediate as yieldToEventLoop } from 'node:timers/promises'
import type { PartitionRange } from '../kafka/admin.ts'
import type { KafkaMessage } from '../kafka/consumer-group.ts'
import type { FetchQueue } from './fetch-queue.ts'
import type { Task } from './task.ts'

/** What a partition of a state topic held: all its records, also those that newer ones of the same key replace. */
export interface RestoredState {
  readonly records: number
  readonly bytes: number
}

/**
 * Reads a state partition and hands each record to the task, in the order of the log, so that the last one of a key
 * stands. A record that the task can't read is told to `onDamaged` and counts as a removal: what an older record of
 * that key said is no longer true. Ends early when the signal comes.
 */
export async function restoreState(
  queue: FetchQueue,
  { start, end }: PartitionRange,
  task: Pick<Task<unknown>, 'restore'>,
  signal: AbortSignal,
  onDamaged: (offset: number, key: string, error: RangeError) => void,
): Promise<RestoredState> {
  let records = 0
  let bytes = 0
  let position = start
  if (position < end) queue.open(start)
  while (position < end && !signal.aborted) {
    const batch = queue.take()
    if (!batch) {
      await queue.wait()
      continue
    }
    for (const message of batch.messages) {
      if (Number(message.offset) < position) continue
      position = Number(message.offset) + 1
      records++
      bytes += sizeOfEntry(message)
      restoreOne(task, message, onDamaged)
    }
    position = Math.max(position, batch.nextOffset)
    await yieldToEventLoop()
  }
  queue.close()
  return { records, bytes }
}

function restoreOne(
  task: Pick<Task<unknown>, 'restore'>,
  { offset, key, value }: KafkaMessage,
  onDamaged: (offset: number, key: string, error: RangeError) => void,
): void {
  const name = key?.toString() ?? ''
  try {
    task.restore?.(name, value)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    onDamaged(Number(offset), name, error)
    task.restore?.(name, null)
  }
}

/** Bytes of an entry, key and value. */
export const sizeOfEntry = ({ key, value }: { readonly key: Buffer | null; readonly value: Buffer | null }) =>
  (key?.length ?? 0) + (value?.length ?? 0)
