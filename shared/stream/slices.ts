import type { FetchedMessage } from '../kafka/consumer-group.ts'

/** One call of a task takes no more than this, so that heartbeats and other partitions get their turn. */
const maxSliceBytes = 1024 * 1024

/**
 * Cuts what was fetched, from `position` on, into what a task gets in one call: by number and size, and where the part
 * of the log ends that is read again, at `emitted`.
 */
export function* slices(
  messages: readonly FetchedMessage[],
  { position, emitted, maxRecords }: { position: number; emitted: number; maxRecords: number },
): Generator<readonly [FetchedMessage, ...FetchedMessage[]]> {
  let slice: [FetchedMessage, ...FetchedMessage[]] | undefined
  let bytes = 0
  for (const message of messages) {
    const offset = message.position
    if (offset < position) continue
    const full = slice && (slice.length >= maxRecords || bytes > maxSliceBytes)
    const crosses = slice && slice[0].position < emitted && offset >= emitted
    if (slice && (full || crosses)) {
      yield slice
      slice = undefined
      bytes = 0
    }
    if (slice) slice.push(message)
    else slice = [message]
    bytes += message.valueBytes
  }
  if (slice) yield slice
}
