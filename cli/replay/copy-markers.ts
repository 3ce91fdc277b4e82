import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { Marker, WindowBatch } from '../../shared/avro/types.ts'
import type { KafkaAdmin } from '../../shared/kafka/admin.ts'
import { createProducer } from '../../shared/kafka/producer.ts'
import type { Logger } from '../../shared/observability/logger.ts'
import { topicsOf } from '../../shared/stream/topic.ts'
import { readValues } from '../mark/read-values.ts'
import type { Config } from '../sections.ts'
import type { ReplayRequest } from './request.ts'

/** A deploy so long before the stretch explains nothing in it, milliseconds. */
const deployReachMs = 86_400_000

/**
 * Writes the live markers that may be about the stretch to the beginning of the replay's windows: there they are known before
 * any window is judged, so what they say of each holds from the first.
 */
export async function copyMarkers(
  { kafka, registry }: Pick<Config, 'kafka' | 'registry'>,
  request: Pick<ReplayRequest, 'prefix' | 'readFrom' | 'to'>,
  admin: KafkaAdmin,
  log: Logger,
): Promise<void> {
  const { markers } = topicsOf(kafka.topicPrefix)
  // An installation that was made before there were markers has no such topic.
  if (!(await admin.partitionCounts([markers.name])).has(markers.name)) return
  const last = new Map<string, Marker>()
  await readValues({ kafka, registry }, markers, log, (marker) => last.set(marker.id, marker))
  const wanted = [...last.values()].filter((marker) => concerns(marker, request))
  if (wanted.length === 0) return
  const { windows } = topicsOf(request.prefix)
  const partitions = (await admin.partitionCounts([windows.name])).get(windows.name)!
  const codec = new Codec(connectRegistry(registry))
  await codec.prepareWriter(windows.name, windows.schema)
  const producer = await createProducer(kafka, log)
  try {
    for (const marker of wanted) {
      const batch: WindowBatch = { windows: [], source: null, marker }
      const value = codec.encode(windows.name, windows.schema, batch)
      await producer.send(
        windows.name,
        Array.from({ length: partitions }, (_, partition) => ({ partition, value })),
      )
    }
  } finally {
    await producer.close()
  }
}

/** Whether a marker may change what is said of windows between two times. */
export function concerns(
  { kind, isRemoved, from, to }: Marker,
  stretch: Pick<ReplayRequest, 'readFrom' | 'to'>,
): boolean {
  if (isRemoved || from >= stretch.to) return false
  if (kind === 'maintenance') return to! > stretch.readFrom
  return kind === 'deploy' ? from > stretch.readFrom - deployReachMs : true
}
