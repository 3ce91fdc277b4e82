import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceName } from '../../cli/services.ts'
import { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { decodeCommitMetadata } from '../../shared/stream/commit-metadata.ts'
import { groupIdOf } from '../../shared/stream/worker.ts'
import { type Installation, silent } from '../support/pipeline.ts'
import { inputsOf } from './settings.ts'

interface DrainOptions {
  /** Nothing must have moved for so long: more than a rebalance and the closing of quiet partitions take. */
  readonly stillForMs: number
  readonly timeoutMs: number
}

/**
 * Waits until each service has committed all of its inputs and nothing new comes. Returns what is unread when that
 * takes too long, such as `aggregator t1.points/0: at 12 of 40`; empty when all is drained.
 */
export async function drain(
  { config, topics }: Installation,
  { stillForMs, timeoutMs }: DrainOptions,
): Promise<readonly string[]> {
  const admin = await KafkaAdmin.connect(createKafkaClient(config.kafka, silent))
  const inputs = Object.entries(inputsOf(topics, config.normalizer.inputTopics)) as [ServiceName, string[]][]
  const deadline = Date.now() + timeoutMs
  let last = ''
  let stillSince = Date.now()
  try {
    for (;;) {
      const ends = await endsOf(admin, [...new Set(inputs.flatMap(([, names]) => names))])
      const behind = await behindOf(admin, ends, inputs, (service) => groupIdOf(config.kafka, service))
      const now = JSON.stringify([[...ends], behind])
      if (now !== last) stillSince = Date.now()
      last = now
      if (behind.length === 0 && Date.now() - stillSince >= stillForMs) return []
      if (Date.now() > deadline) return behind.length > 0 ? behind : ['new records come without end']
      await delay(500)
    }
  } finally {
    await admin.close()
  }
}

/** By `topic/partition`. */
async function endsOf(admin: KafkaAdmin, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const ends = new Map<string, number>()
  for (const name of names)
    for (const [partition, { end }] of await admin.ranges(name)) ends.set(`${name}/${partition}`, end)
  return ends
}

async function behindOf(
  admin: KafkaAdmin,
  ends: ReadonlyMap<string, number>,
  inputs: readonly (readonly [ServiceName, readonly string[]])[],
  groupOf: (service: ServiceName) => string,
): Promise<readonly string[]> {
  const behind: string[] = []
  for (const [service, names] of inputs) {
    for (const [place, end] of ends) {
      const topic = place.slice(0, place.lastIndexOf('/'))
      if (!names.includes(topic) || end === 0) continue
      const committed = await admin.committed(groupOf(service), topic, Number(place.slice(topic.length + 1)))
      const at = (committed && decodeCommitMetadata(committed.metadata)?.emitted) ?? 0
      if (at < end) behind.push(`${service} ${place}: at ${at} of ${end}`)
    }
  }
  return behind
}
