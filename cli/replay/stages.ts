import type { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import { type Topics, topicsOf } from '../../shared/stream/topic.ts'
import type { ServiceName } from '../services.ts'
import type { Bounds } from './bounds.ts'
import type { Installation } from './installation.ts'
import { mapOffsets, type Offsets, sumOver } from './offsets.ts'
import type { ReplayRequest, StageName } from './request.ts'

/** A step of the replay: one worker, and what it must have read before the next can be finished. */
export interface Stage {
  readonly name: StageName
  readonly service: ServiceName
  readonly groupId: string
  readonly inputs: readonly string[]
  /** Fixed for raw topics; for the others, wherever they end. */
  readonly bounds: Bounds | undefined
}

const inputsOf: Readonly<Record<Exclude<StageName, 'normalize'>, (topics: Topics) => readonly string[]>> = {
  // Partials come of points: looked at after them.
  aggregate: ({ points, partials }) => [points.name, partials.name],
  // Findings and peers come of windows, as partials of points.
  detect: ({ windows, findings, peers }) => [windows.name, findings.name, peers.name],
  store: ({ windows, anomalies, expectations }) => [windows.name, anomalies.name, expectations.name],
}

const serviceOf: Readonly<Record<StageName, ServiceName>> = {
  normalize: 'normalizer',
  aggregate: 'aggregator',
  detect: 'detector',
  store: 'influx-sink',
}

export function stagesOf(
  { prefix, rawTopics, stages }: ReplayRequest,
  bounds: Bounds,
  installation: Installation,
): readonly Stage[] {
  const topics = topicsOf(prefix)
  return stages.map((name) => ({
    name,
    service: serviceOf[name],
    groupId: installation.group(serviceOf[name]),
    inputs: name === 'normalize' ? rawTopics : inputsOf[name](topics),
    bounds: name === 'normalize' ? bounds : undefined,
  }))
}

/** How far a stage is, in offsets of its inputs. */
export interface Progress {
  readonly done: number
  readonly total: number
  readonly positions: Offsets
}

/** Positions are asked for before ends, so that a stage never looks further than it is. */
export async function progressOf(admin: KafkaAdmin, stage: Stage): Promise<Progress> {
  const committed = await admin.committedBy(stage.groupId, stage.inputs)
  const positions = mapOffsets(
    committed,
    ({ offset, metadata }) => decodeCommitMetadata(metadata)?.emitted ?? offset,
  )
  const ends = stage.bounds?.until ?? (await endsOf(admin, stage.inputs))
  const positionOf = (topic: string, partition: number) => positions.get(topic)?.get(partition) ?? 0
  const beginOf = (topic: string, partition: number) => stage.bounds?.begin.get(topic)?.get(partition) ?? 0
  return {
    done: sumOver(ends, (end, topic, partition) => {
      const begin = beginOf(topic, partition)
      return Math.max(0, Math.min(end, positionOf(topic, partition)) - begin)
    }),
    total: sumOver(ends, (end, topic, partition) => Math.max(0, end - beginOf(topic, partition))),
    positions,
  }
}

async function endsOf(admin: KafkaAdmin, topics: readonly string[]): Promise<Offsets> {
  const ranges = await Promise.all(topics.map(async (topic) => [topic, await admin.ranges(topic)] as const))
  return mapOffsets(new Map(ranges), ({ end }) => end)
}
