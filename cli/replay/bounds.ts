import { ConfigurationError } from '../../shared/errors.ts'
import type { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { type Offsets, sumOver } from './offsets.ts'
import type { ReplayRequest } from './request.ts'

/** Which offsets of the raw topics are read: from `begin`, before `until`. */
export interface Bounds {
  readonly begin: Offsets
  readonly until: Offsets
}

/**
 * Finds the raw records of a stretch, a margin before and behind it included. Throws ConfigurationError when a topic
 * does not exist, retention has deleted a part of the stretch, or nothing was written in it.
 */
export async function findBounds(admin: KafkaAdmin, request: ReplayRequest): Promise<Bounds> {
  const { rawTopics, from, to, readFrom, marginMs } = request
  const existing = await admin.partitionCounts(rawTopics)
  const missing = rawTopics.filter((topic) => !existing.has(topic))
  if (missing.length > 0)
    throw new ConfigurationError(
      `There is no raw topic ${missing.join(', ')}: name those to replay with --topics.`,
    )
  const at = async (time: number): Promise<Offsets> =>
    new Map(
      await Promise.all(rawTopics.map(async (topic) => [topic, await admin.offsetsAt(topic, time)] as const)),
    )
  const [begin, start, until] = await Promise.all([at(readFrom), at(from), at(to + marginMs)])
  const emptied = await refuseDeleted(admin, request, start)
  const records = sumOver(until, (end, topic, partition) => end - start.get(topic)!.get(partition)!)
  if (records === 0 && emptied.length > 0)
    throw new ConfigurationError(
      `Nothing is left to replay between ${iso(from)} and ${iso(to + marginMs)}: all records of ${emptied.join(', ')} were deleted.`,
    )
  if (records === 0) {
    throw new ConfigurationError(
      `Nothing was written to ${rawTopics.join(', ')} between ${iso(from)} and ${iso(to + marginMs)}: there is nothing to replay.`,
    )
  }
  return { begin, until }
}

/**
 * Where the oldest record left is not older than the stretch, others may have been deleted before it. A partition of
 * which nothing is left does not tell when that was written; but retention has taken nothing that is younger than the
 * topic keeps. Returns these partitions, by name.
 */
async function refuseDeleted(
  admin: KafkaAdmin,
  { rawTopics, from }: ReplayRequest,
  start: Offsets,
): Promise<readonly string[]> {
  const allEmptied: string[] = []
  for (const topic of rawTopics) {
    const deletedFrom = [...(await admin.ranges(topic))].filter(([, range]) => range.start > 0)
    const emptied = deletedFrom.filter(([, range]) => range.start === range.end)
    const cut = deletedFrom.filter(
      ([partition, range]) => range.start < range.end && start.get(topic)!.get(partition) === range.start,
    )
    const oldest = await Promise.all(
      cut.map(([partition, range]) => oldestTime(admin, topic, partition, range.start)),
    )
    if (emptied.length > 0) oldest.push(await keptSince(admin, topic))
    allEmptied.push(...emptied.map(([partition]) => `${topic}/${partition}`))
    const since = Math.max(...oldest)
    if (since > from) {
      throw new ConfigurationError(
        `--from ${iso(from)} is beyond what ${topic} holds: it is complete only from ${iso(since)} on, older records were deleted.`,
      )
    }
  }
  return allEmptied
}

/** From when on retention has surely taken nothing; -Infinity when it never does by time, so that someone has deleted records by hand. */
async function keptSince(admin: KafkaAdmin, topic: string): Promise<number> {
  const retentionMs = Number((await admin.topicConfig(topic)).get('retention.ms') ?? -1)
  return retentionMs < 0 ? -Infinity : Date.now() - retentionMs
}

/** When the record at `start` was written. Kafka says where a time stands, not when an offset was written, so it is searched by halves, in some forty questions. */
async function oldestTime(
  admin: KafkaAdmin,
  topic: string,
  partition: number,
  start: number,
): Promise<number> {
  let low = 0
  let high = Date.now()
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const found = (await admin.offsetsAt(topic, middle)).get(partition)!
    if (found > start) high = middle - 1
    else low = middle
  }
  return low
}

const iso = (time: number) => new Date(time).toISOString()
