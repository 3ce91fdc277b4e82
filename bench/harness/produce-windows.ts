import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { Series, Window } from '../../shared/avro/types.ts'
import { createProducer } from '../../shared/kafka/producer.ts'
import { seriesKey, seriesPartition } from '../../shared/series/series.ts'
import type { BenchContext } from './bench.ts'
import { type Installation, silent } from './installation.ts'

/** Windows written past the aggregator, one of each series a round. */
export interface WindowsOrder {
  readonly series: number
  readonly partitions: number
  readonly windowMs: number
  /** Start of the first round of all, event time. */
  readonly startMs: number
  readonly firstRound: number
  readonly rounds: number
}

const windowsInRecord = 500
/** Of a window of ten samples. */
const sketch = Buffer.alloc(100)

/** Writes round after round, each as one aggregator would for each partition. */
export async function produceWindows(
  context: BenchContext,
  { config, topics: { windows: topic } }: Installation,
  { series: count, partitions, windowMs, startMs, firstRound, rounds }: WindowsOrder,
): Promise<void> {
  const codec = new Codec(connectRegistry(config.registry))
  await codec.prepareWriter(topic.name, topic.schema)
  const producer = await createProducer(config.kafka, silent)
  const series = Array.from({ length: count }, (_, i) => seriesOf(i))
  const byPartition: number[][] = Array.from({ length: partitions }, () => [])
  for (const [i, one] of series.entries()) byPartition[seriesPartition(seriesKey(one), partitions)]!.push(i)
  try {
    for (let round = firstRound; round < firstRound + rounds; round++) {
      context.signal.throwIfAborted()
      const start = startMs + round * windowMs
      for (const [partition, numbers] of byPartition.entries()) {
        const messages = []
        for (let from = 0; from < numbers.length; from += windowsInRecord) {
          const watermark = from + windowsInRecord >= numbers.length ? start + windowMs : null
          const windows = numbers
            .slice(from, from + windowsInRecord)
            .map((i) => windowOf(series[i]!, start, windowMs, meanOf(i, start, round)))
          const value = codec.encode(topic.name, topic.schema, {
            windows,
            source: { step: 'points', partition, watermark },
          })
          messages.push({ partition, value })
        }
        if (messages.length > 0) await producer.send(topic.name, messages)
      }
    }
  } finally {
    await producer.close()
  }
}

const seriesOf = (i: number): Series => ({
  metric: `http.server.request.duration.${Math.floor(i / 20) % 4}`,
  tags: [
    { key: 'host', value: `host-${Math.floor(i / 80)}` },
    { key: 'route', value: `/api/v1/things/${i % 20}` },
    { key: 'service', value: 'shop' },
  ],
  kind: 'gauge',
  unit: 'ms',
})

/** A level of its own, a daily season, and noise that is the same in each run. */
function meanOf(i: number, start: number, round: number): number {
  const bits = Math.imul((i + 1) ^ Math.imul(round + 1, 0x9e3779b1), 0x85ebca6b) >>> 0
  const noise = (bits ^ (bits >>> 15)) / 2 ** 32 - 0.5
  return 100 + (i % 37) + 10 * Math.sin((start * 2 * Math.PI) / 86_400_000) + 4 * noise
}

function windowOf(series: Series, start: number, sizeMs: number, mean: number): Window {
  return {
    ...{ series, start, sizeMs, stepMs: sizeMs, revision: 0, count: 10 },
    ...{ sum: 10 * mean, min: mean - 5, max: mean + 5, mean, rate: 1 },
    ...{ p50: mean, p90: mean + 3, p95: mean + 4, p99: mean + 5 },
    ...{ increase: null, numerator: null, denominator: null },
    ...{ distinct: null, members: null, exemplar: null, sketch },
  }
}
