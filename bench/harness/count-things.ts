import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { LogBatch, PointBatch, SpanBatch } from '../../shared/avro/types.ts'
import { readTopic } from '../../shared/stream/read-topic.ts'
import type { Things } from '../telemetry/telemetry.ts'
import { type Installation, silent } from './installation.ts'

/** How many points, log events or spans a record of the topic of that name holds. */
export const thingsIn: Readonly<Record<Things, (record: unknown) => number>> = {
  points(record) {
    const { packed, times, histograms } = record as PointBatch
    return (packed?.count ?? times.length) + histograms.length
  },
  logs: (record) => (record as LogBatch).logs.length,
  spans: (record) => (record as SpanBatch).spans.length,
}

/** Reads back all that is committed to the topic of that name, and counts. */
export async function countThings({ config, topics }: Installation, things: Things): Promise<number> {
  const { name, schema } = topics[things]
  const codec = new Codec(connectRegistry(config.registry))
  let count = 0
  await readTopic(config.kafka, name, silent, async ({ bytes }) => {
    if (!bytes) return
    if (!codec.isPrepared(schema, bytes)) await codec.prepareReader(schema, bytes)
    count += thingsIn[things](codec.decode(schema, bytes))
  })
  return count
}
