import type { PointBatch } from '../../../shared/avro/types.ts'
import { unpacked } from '../../../shared/points/unpack.ts'
import type { EventTime, Output } from '../../../shared/stream/task.ts'
import type { Topic } from '../../../shared/stream/topic.ts'

/**
 * Passes on what a task emits, of the points only those before `end`: later ones belong to no window of the stretch,
 * and would move the clock on and close windows that records read later still belong to.
 */
export function pointsBefore(end: EventTime, points: Topic<PointBatch>, out: Output): Output {
  return {
    send(topic, partition, value) {
      if (topic.name !== points.name) return out.send(topic, partition, value)
      const batch = before(end, unpacked(value as PointBatch))
      if (batch) out.send(points, partition, batch)
    },
    isDiscarded: out.isDiscarded,
    keep: (key, value) => out.keep(key, value),
    reject: (record, reason, detail, refusals) => out.reject(record, reason, detail, refusals),
  }
}

function before(end: EventTime, batch: PointBatch): PointBatch | undefined {
  const isBefore = (time: EventTime) => time < end
  if (batch.times.every(isBefore) && batch.histograms.every(({ time }) => isBefore(time))) return batch
  const kept = batch.times.flatMap((time, i) => (isBefore(time) ? [i] : []))
  const histograms = batch.histograms.filter(({ time }) => isBefore(time))
  if (kept.length === 0 && histograms.length === 0) return undefined
  return {
    ...batch,
    seriesIndex: kept.map((i) => batch.seriesIndex[i]!),
    times: kept.map((i) => batch.times[i]!),
    values: kept.map((i) => batch.values[i]!),
    histograms,
  }
}
