import { windowPoint } from '../../../services/influx-sink/lines.ts'
import { Codec } from '../../../shared/avro/codec.ts'
import { connectRegistry } from '../../../shared/avro/registry.ts'
import type { Window, WindowBatch } from '../../../shared/avro/types.ts'
import { type FieldValue, spell } from '../../../shared/influx/line-protocol.ts'
import type { Logger } from '../../../shared/observability/logger.ts'
import { belongsTo } from '../../../shared/replay/config.ts'
import { readTopic } from '../../../shared/stream/read-topic.ts'
import { topicsOf } from '../../../shared/stream/topic.ts'
import type { Config } from '../../sections.ts'
import type { ReplayRequest } from '../request.ts'
import { type Comparable, keyOf } from './compare.ts'

/** The windows that a replay has recomputed, of each the last revision, by key. */
export async function readRecomputed(
  { kafka, registry }: Pick<Config, 'kafka' | 'registry'>,
  request: ReplayRequest,
  log: Logger,
): Promise<ReadonlyMap<string, Comparable>> {
  const { windows: topic } = topicsOf(request.prefix)
  const codec = new Codec(connectRegistry(registry))
  const found = new Map<string, Comparable>()
  await readTopic(kafka, topic.name, log, async ({ bytes }) => {
    if (!bytes) return
    await codec.prepareReader(topic.schema, bytes)
    const { windows } = codec.decode(topic.schema, bytes) as WindowBatch
    for (const window of windows) {
      // A series has one partition, so its revisions come in order.
      if (!belongsTo(request, window.series.metric, window.start, window.sizeMs)) continue
      const point = comparable(window)
      found.set(keyOf(point), point)
    }
  })
  return found
}

/** As the sink would write it, and InfluxDB would give it back. */
function comparable(window: Window): Comparable {
  const { measurement, tags, fields, time } = windowPoint(window)
  return {
    measurement: spell(measurement),
    tags: tags
      .map(({ key, value }) => [spell(key), spell(value)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
    start: time,
    fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plainOf(value)])),
  }
}

const plainOf = (value: FieldValue) => (typeof value === 'object' ? value.integer : value)
