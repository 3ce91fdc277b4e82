import { Codec } from '../../shared/avro/codec.ts'
import { connectRegistry } from '../../shared/avro/registry.ts'
import type { PointBatch, Series } from '../../shared/avro/types.ts'
import { createProducer, type OutgoingMessage } from '../../shared/kafka/producer.ts'
import { seriesKey, seriesPartition } from '../../shared/series/series.ts'
import type { BenchContext } from './bench.ts'
import { type Installation, silent } from './installation.ts'
import { fields, hostName, metricOf, sampleAt } from './workload.ts'

/** Points written past the normalizer: as many series and windows as are wanted, with little in between. */
export interface PointsOrder {
  /** How many, numbered from `firstSeries`. */
  readonly series: number
  readonly firstSeries?: number
  readonly partitions: number
  readonly samples: number
  readonly windowMs: number
  /** Starts of the windows that get points. */
  readonly starts: readonly number[]
}

const pointsInRecord = 5_000
const bytesInRequest = 800_000

/** Writes window after window, as one raw partition would. Returns the number of records. */
export async function producePoints(
  context: BenchContext,
  { config, topics: { points: topic }, raw }: Installation,
  { series: count, firstSeries = 0, partitions, samples, windowMs, starts }: PointsOrder,
): Promise<number> {
  const codec = new Codec(connectRegistry(config.registry))
  await codec.prepareWriter(topic.name, topic.schema)
  const producer = await createProducer(config.kafka, silent)
  const byPartition = seriesByPartition(firstSeries, count, partitions)
  const seriesInRecord = Math.max(1, Math.floor(pointsInRecord / samples))
  let offset = 0
  let records = 0
  let pending: OutgoingMessage[] = []
  let bytes = 0
  const send = async () => {
    if (pending.length > 0) await producer.send(topic.name, pending)
    records += pending.length
    pending = []
    bytes = 0
  }
  try {
    for (const start of starts) {
      for (const [partition, numbers] of byPartition.entries()) {
        for (let from = 0; from < numbers.length; from += seriesInRecord) {
          context.signal.throwIfAborted()
          const batch = batchOf(numbers.slice(from, from + seriesInRecord), start, samples, windowMs)
          const source = {
            topic: raw,
            partition: 0,
            firstOffset: offset,
            lastOffset: offset++,
            lastTimestamp: Date.now(),
            partitions: 1,
          }
          const value = codec.encode(topic.name, topic.schema, { ...batch, source })
          pending.push({ partition, value })
          bytes += value.length
          if (bytes > bytesInRequest) await send()
        }
      }
      await send()
    }
  } finally {
    await producer.close()
  }
  return records
}

const seriesOf = (number: number): Series => {
  const host = Math.floor(number / fields.length)
  return {
    metric: metricOf(number % fields.length),
    tags: [
      { key: 'host', value: hostName(host) },
      { key: 'region', value: 'eu-west' },
      { key: 'role', value: 'api' },
    ],
    kind: 'gauge',
    unit: '',
  }
}

/** The numbers of the series of each partition. */
function seriesByPartition(first: number, count: number, partitions: number): readonly (readonly number[])[] {
  const found: number[][] = Array.from({ length: partitions }, () => [])
  for (let number = first; number < first + count; number++)
    found[seriesPartition(seriesKey(seriesOf(number)), partitions)]!.push(number)
  return found
}

function batchOf(
  numbers: readonly number[],
  start: number,
  samples: number,
  windowMs: number,
): Omit<PointBatch, 'source'> {
  const seriesIndex: number[] = []
  const times: number[] = []
  const values: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    const time = start + Math.floor((sample * windowMs) / samples)
    for (const [index, number] of numbers.entries()) {
      seriesIndex.push(index)
      times.push(time)
      values.push(sampleAt(Math.floor(number / fields.length), number % fields.length, sample))
    }
  }
  return {
    series: numbers.map(seriesOf),
    seriesIndex,
    times,
    values,
    histograms: [],
    exemplars: [],
    packed: null,
    sourceIsIdle: null,
    sourceTime: null,
  }
}
