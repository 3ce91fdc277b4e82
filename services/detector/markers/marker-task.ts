import type { Marker, WindowBatch } from '../../../shared/avro/types.ts'
import { markerFlaw } from '../../../shared/markers/marker-flaw.ts'
import { seriesKey, seriesPartition } from '../../../shared/series/series.ts'
import type { Output, StreamRecord, Task, TaskContext } from '../../../shared/stream/task.ts'
import type { Topics } from '../../../shared/stream/topic.ts'
import { type DetectorMetrics, detectorMetrics } from '../metrics.ts'

/**
 * Gives each marker a place in the log of the windows: what is said of one anomaly in the partition of its series, all others in
 * every partition. There the log alone decides which windows are judged with it.
 */
export class MarkerTask implements Task<Marker> {
  readonly #topics: Topics
  readonly #context: TaskContext
  readonly #metrics: DetectorMetrics

  constructor(topics: Topics, context: TaskContext) {
    this.#topics = topics
    this.#context = context
    this.#metrics = detectorMetrics(context.metrics)
  }

  process(batch: readonly StreamRecord<Marker>[], out: Output): void {
    for (const record of batch) {
      const flaw = markerFlaw(record.value, record.timestamp)
      if (flaw) out.reject(record, 'malformed_marker', flaw)
      else this.#spread(record.value, out)
    }
  }

  #spread(marker: Marker, out: Output): void {
    this.#metrics.markers.inc({ kind: marker.isRemoved ? 'removed' : marker.kind })
    const { windows } = this.#topics
    const batch: WindowBatch = { windows: [], source: null, marker }
    const partitions = this.#context.partitionsOf(windows)
    if (marker.anomaly) {
      out.send(windows, seriesPartition(seriesKey(marker.anomaly.series), partitions), batch)
      return
    }
    for (let partition = 0; partition < partitions; partition++) out.send(windows, partition, batch)
  }
}
