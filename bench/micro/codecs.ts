/** Records of Tidemark's topics to bytes and back: `node bench/micro/codecs.ts`. Times are CPU time of this process. */
import { Codec } from '../../shared/avro/codec.ts'
import { completeSchema, type RecordName } from '../../shared/avro/schemas.ts'
import type { PointBatch, Window, WindowBatch } from '../../shared/avro/types.ts'
import { fields, hostName, metricOf, sampleAt } from '../harness/workload.ts'
import { report } from './measure.ts'

const known: RecordName[] = []
const codec = new Codec({
  register: async (_, record) => known.push(record) - 1,
  schema: async (id) => completeSchema(known[id]!),
})

const seriesOf = (number: number) => ({
  metric: metricOf(number % fields.length),
  tags: [
    { key: 'host', value: hostName(Math.floor(number / fields.length)) },
    { key: 'region', value: 'eu-west' },
    { key: 'role', value: 'api' },
  ],
  kind: 'gauge' as const,
  unit: '',
})

function pointBatch(series: number, samples: number): PointBatch {
  const points = Array.from({ length: series * samples }, (_, i) => i)
  return {
    source: {
      topic: 'raw',
      partition: 0,
      firstOffset: 1,
      lastOffset: 500,
      lastTimestamp: 1.7e12,
      partitions: 4,
    },
    series: Array.from({ length: series }, (_, number) => seriesOf(number)),
    seriesIndex: points.map((i) => i % series),
    times: points.map((i) => 1.7e12 + Math.floor(i / series)),
    values: points.map((i) => sampleAt(i % series, 0, Math.floor(i / series))),
    histograms: [],
    exemplars: [],
    packed: null,
    sourceIsIdle: null,
    sourceTime: null,
  }
}

const windowOf = (number: number): Window => ({
  series: seriesOf(number),
  start: 1.7e12,
  sizeMs: 10_000,
  stepMs: 10_000,
  revision: 0,
  count: 100,
  sum: 1234.567,
  min: 1.234,
  max: 98.765,
  mean: 12.34567,
  rate: 10,
  p50: 11.234,
  p90: 34.567,
  p95: 56.789,
  p99: 78.912,
  increase: null,
  numerator: null,
  denominator: null,
  distinct: null,
  members: null,
  exemplar: null,
  sketch: Buffer.alloc(sketchBytes, 7),
})

/** About what a sketch of a hundred log-normal samples takes. */
const sketchBytes = 160

async function measure(
  name: string,
  record: RecordName,
  value: PointBatch | WindowBatch,
  things: number,
): Promise<void> {
  await codec.prepareWriter(record, record)
  const bytes = codec.encode(record, record, value)
  await codec.prepareReader(record, bytes)
  const calls = Math.max(1, Math.round(200_000 / things))
  report(`encoding ${name}`, things, calls, () => {
    codec.encode(record, record, value)
  })
  report(`decoding ${name}`, things, calls, () => {
    codec.decode(record, bytes)
  })
  console.log(`bytes of ${name}: ${Math.round(bytes.length / things)}`)
}

await measure('a point, 5,000 of 50 series in a record', 'PointBatch', pointBatch(50, 100), 5_000)
await measure('a point, each of another series', 'PointBatch', pointBatch(625, 1), 625)
await measure(
  'a window, 500 in a record',
  'WindowBatch',
  { windows: Array.from({ length: 500 }, (_, i) => windowOf(i)), source: null, marker: null },
  500,
)
