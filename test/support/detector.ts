import { type DetectorConfig, detectorSection } from '../../services/detector/config.ts'
import { DetectorTask } from '../../services/detector/detector-task.ts'
import type { Anomaly, Window, WindowBatch } from '../../shared/avro/types.ts'
import type { StreamRecord } from '../../shared/stream/task.ts'
import { RecordingOutput } from './recording-output.ts'
import { record, taskContext, topics } from './task-context.ts'

export const begin = 1_700_000_000_000
export const sizeMs = 10_000

/** The simplest detector, which knows a series after 15 windows, unless told otherwise. */
export const detectorSettings = (settings: Partial<DetectorConfig> = {}): DetectorConfig =>
  detectorSection.schema.parse({
    model: 'robust-z-score',
    cooldownWindows: 3,
    stateIntervalMs: 100_000,
    ...settings,
  })

/** The `at`-th window after `begin`. */
export const windowAt = (at: number, mean: number, { revision = 0, metric = 'm' } = {}): Window => ({
  series: { metric, tags: [], kind: 'gauge', unit: '' },
  start: begin + at * sizeMs,
  sizeMs,
  revision,
  count: Number.isNaN(mean) ? 0 : 1,
  sum: mean,
  min: mean,
  max: mean,
  mean,
  rate: 0.1,
  p50: mean,
  p90: mean,
  p95: mean,
  p99: mean,
  stepMs: sizeMs,
  increase: null,
  numerator: null,
  denominator: null,
  distinct: null,
  members: null,
  exemplar: null,
  sketch: Buffer.alloc(0),
})

/** Windows of a healthy series, from `from` on. */
export const steady = (count: number, { from = 0, metric = 'm' } = {}): readonly Window[] =>
  Array.from({ length: count }, (_, i) => windowAt(from + i, 100 + ((from + i) % 3), { metric }))

export const detectorTask = (config: DetectorConfig, memo?: string) =>
  new DetectorTask(config, topics, taskContext(), memo)

/** Windows of one record, told up to the `at`-th window after `begin`; of none, more is to come. */
export const batchOf = (windows: readonly Window[], at?: number): WindowBatch => ({
  windows,
  source: { step: 'points', partition: 0, watermark: at === undefined ? null : begin + at * sizeMs },
  marker: null,
})

/** A record for each window. */
export const logOf = (windows: readonly Window[]): readonly StreamRecord<WindowBatch>[] =>
  windows.map((window, offset) => record(offset, batchOf([window])))

/** What comes of these windows, a record each. */
export function detect(windows: readonly Window[], config = detectorSettings()): readonly Anomaly[] {
  const out = new RecordingOutput()
  detectorTask(config).process(logOf(windows), out)
  return out.of(topics.anomalies)
}

/** What a reader knows in the end: the last record of each incident, without those that were withdrawn. */
export function lastWord(anomalies: readonly Anomaly[]): ReadonlyMap<string, Anomaly> {
  const last = new Map<string, Anomaly>()
  for (const anomaly of anomalies) {
    const before = last.get(anomaly.id)
    if ((before?.revision ?? -1) + 1 !== anomaly.revision)
      throw new Error(`revision ${anomaly.revision} follows ${before?.revision}`)
    last.set(anomaly.id, anomaly)
  }
  return new Map([...last].filter(([, { state }]) => state !== 'withdrawn'))
}
