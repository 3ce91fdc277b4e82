import { decodeCommitMetadata } from './commit-metadata.ts'
import type { TopicPartition } from './task.ts'
import type { WorkerContext } from './worker-context.ts'

/** Where the task of a partition begins. */
export interface StartPoint {
  readonly position: number
  /** Outputs of records before this offset were committed already. */
  readonly emitted: number
  readonly memo: string | undefined
}

/**
 * What the group has committed for a partition; without a commit, the end that `worker.startFrom` names. An offset
 * whose metadata can't be read, as one that was reset by hand, is a start without memory: as the offset lies where the
 * oldest open window begins, the windows from there on come out complete, and what had been emitted of them is emitted
 * again under the same identity. Throws RetryableError when the answer is older than what this process has committed.
 */
export async function startPoint(
  context: Pick<WorkerContext, 'admin' | 'config' | 'groupId' | 'log' | 'ownCommits' | 'now'>,
  place: TopicPartition,
): Promise<StartPoint> {
  const { admin, config, groupId, log } = context
  const { topic, partition } = place
  const committed = await admin.committed(groupId, topic, partition)
  const range = (await admin.ranges(topic)).get(partition) ?? { start: 0, end: 0 }
  const metadata = committed && decodeCommitMetadata(committed.metadata)
  // An offset without Tidemark's metadata was set by hand, and may lie anywhere.
  if (!committed || metadata) context.ownCommits.check(place, metadata?.emitted, context.now())
  if (committed && !metadata) {
    log.error(
      { ...place, offset: committed.offset, metadata: committed.metadata.slice(0, 100) },
      committed.metadata === ''
        ? 'the committed offset was set by someone else than Tidemark: starting there without memory'
        : 'the metadata of the committed offset is damaged, or of another version: starting there without memory',
    )
  }
  const first = config.startFrom === 'latest' ? range.end : range.start
  const position = committed?.offset ?? first
  const start = Math.max(position, range.start)
  if (start > position) {
    const gap = { ...place, from: position, to: start }
    // In a partition that nobody writes to, this is as it should be.
    if (start <= (metadata?.emitted ?? 0))
      log.warn(
        gap,
        'records that would have been read again were deleted by retention: nothing is remembered of them',
      )
    else log.error(gap, 'records were deleted by retention before they were read')
  }
  return { position: start, emitted: Math.max(start, metadata?.emitted ?? 0), memo: metadata?.memo }
}
