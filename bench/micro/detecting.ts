import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { detectorSection } from '../../services/detector/config.ts'
import { DetectorTask } from '../../services/detector/detector-task.ts'
import { Codec } from '../../shared/avro/codec.ts'
import { completeSchema, type RecordName, recordNames } from '../../shared/avro/schemas.ts'
import type { Series, Window, WindowBatch } from '../../shared/avro/types.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { createMetrics } from '../../shared/observability/metrics.ts'
import { OutputBuffer } from '../../shared/stream/output-buffer.ts'
import { topicsOf } from '../../shared/stream/topic.ts'

/** The detector's task as its worker drives it, without Kafka: windows decoded, judged, and what is to be stored encoded. */
const seriesCount = 4_000
const windowsInRecord = 500
const sizeMs = 10_000
/** Until all have a base, and have given back what their first 256 values need; then ten minutes that are measured. */
const warmUp = 300
const measured = 60

const topics = topicsOf('bench')
const codec = new Codec({
  register: async (_, record) => recordNames.indexOf(record),
  schema: async (id) => completeSchema(recordNames[id]!),
})
for (const { name, schema } of Object.values(topics)) await codec.prepareWriter(name, schema)
const frame = (record: RecordName) => Buffer.of(0, 0, 0, 0, recordNames.indexOf(record), 0)
await codec.prepareReader('WindowBatch', frame('WindowBatch'))

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
function liveBytes(): number {
  collectGarbage()
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const seriesOf = (i: number): Series => ({
  metric: 'http.server.request.duration',
  tags: [
    { key: 'host', value: `host-${Math.floor(i / 20)}` },
    { key: 'route', value: `/api/v1/things/${i % 20}` },
    { key: 'service', value: 'shop' },
  ],
  kind: 'gauge',
  unit: 'ms',
})
const series = Array.from({ length: seriesCount }, (_, i) => seriesOf(i))

/** A daily season, a level of its own, and noise, from a generator of its own, so that each run has the same. */
let state = 1
function noise(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return state / 2 ** 32 - 0.5
}
function windowOf(i: number, round: number): Window {
  const mean = 100 + (i % 37) + 10 * Math.sin((round * sizeMs * 2 * Math.PI) / 86_400_000) + 4 * noise()
  const figures = { sum: 10 * mean, min: mean - 5, max: mean + 5, mean, rate: 1 }
  const quantiles = { p50: mean, p90: mean + 3, p95: mean + 4, p99: mean + 5 }
  const start = 1_700_000_000_000 + round * sizeMs
  return {
    series: series[i]!,
    start,
    sizeMs,
    stepMs: sizeMs,
    revision: 0,
    count: 10,
    ...figures,
    ...quantiles,
    increase: null,
    numerator: null,
    denominator: null,
    distinct: null,
    members: null,
    exemplar: null,
    sketch: Buffer.alloc(100),
  }
}

/** Encoded beforehand, a round at a time, since that is the aggregator's work. */
function* recordsOf(round: number): Generator<Buffer> {
  for (let from = 0; from < seriesCount; from += windowsInRecord) {
    const isLast = from + windowsInRecord >= seriesCount
    const watermark = isLast ? 1_700_000_000_000 + (round + 1) * sizeMs : null
    const batch: WindowBatch = {
      windows: Array.from({ length: windowsInRecord }, (_, i) => windowOf(from + i, round)),
      source: { step: 'points', partition: 0, watermark },
      marker: null,
    }
    yield codec.encode(topics.windows.name, 'WindowBatch', batch)
  }
}

/** What was measured stays: its memory, given back late, would be taken off that of the next. */
const measuredTasks: DetectorTask[] = []

function measure(model: string): void {
  const before = liveBytes()
  const config = detectorSection.schema.parse({ model })
  const place = { topic: topics.windows.name, partition: 0 }
  const task = new DetectorTask(config, topics, {
    ...place,
    log: createLogger('bench', 'silent'),
    metrics: createMetrics(),
    inputPartitions: 1,
    partitionsOf: () => 1,
    now: Date.now,
    isOwner: () => true,
  })
  const deadLetters = { topic: topics.deadletter, partition: 0, stage: 'bench', onReject: () => undefined }
  const output = new OutputBuffer(codec, deadLetters, { topic: 'bench.state', partition: 0 })
  let microseconds = 0
  let stored = 0
  let storedBytes = 0
  let offset = 0
  for (let round = 0; round < warmUp + measured; round++) {
    const records = [...recordsOf(round)]
    const start = process.cpuUsage()
    for (const bytes of records) {
      const value = codec.decode('WindowBatch', bytes) as WindowBatch
      const record = { ...place, offset: offset++, timestamp: 0, isAppendTime: true, key: null, headers: {} }
      task.process([{ ...record, bytes, value }], output)
    }
    const { user, system } = process.cpuUsage(start)
    const kept = output.take().filter(({ topic }) => topic === 'bench.state')
    if (round < warmUp) continue
    microseconds += user + system
    stored += kept.length
    storedBytes += kept.reduce((sum, { value }) => sum + value!.length, 0)
  }
  const held = (liveBytes() - before) / seriesCount
  const windows = seriesCount * measured
  const nanoseconds = (microseconds * 1_000) / windows
  console.log(
    `a window of ${seriesCount} series, ${model}: ${nanoseconds.toFixed(1)} ns each, ${(1_000 / nanoseconds).toFixed(2)} M/s`,
  )
  console.log(`bytes in memory of a series, ${model}: ${Math.round(held)}`)
  console.log(
    `bytes of a stored state, ${model}: ${Math.round(storedBytes / stored)}; stored ${stored} times`,
  )
  task.close()
  measuredTasks.push(task)
}

function measureDecoding(): void {
  const records = [...recordsOf(0)]
  for (const bytes of records) codec.decode('WindowBatch', bytes)
  const start = process.cpuUsage()
  for (let round = 0; round < 10; round++) for (const bytes of records) codec.decode('WindowBatch', bytes)
  const { user, system } = process.cpuUsage(start)
  console.log(
    `decoding such a window: ${(((user + system) * 1_000) / (10 * seriesCount)).toFixed(1)} ns each,`,
  )
}

measureDecoding()
for (const model of ['robust-z-score', 'ensemble']) measure(model)
