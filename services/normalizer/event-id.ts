import type { StreamRecord } from '../../shared/stream/task.ts'

/**
 * The id of the event that stands at this position of a raw record; the same at every replay. Longest document id that
 * Elasticsearch takes is 512 bytes; topic names have at most 249.
 */
export const eventId = ({ topic, partition, offset, timestamp }: StreamRecord<unknown>, position: number) =>
  `${topic}-${partition}-${offset}-${position}-${timestamp.toString(36)}`
