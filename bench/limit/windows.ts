/**
 * The limit of `bench windows`: what one process can do at best with this client, this reader of line protocol and this
 * sketch. No second topic, no Avro, no transactions, no watermark: a window ends when its series shows a later one.
 *
 * Started with a JSON argument; sends one message to its parent when it has read everything.
 */

import { normalizerSection } from '../../services/normalizer/config.ts'
import type { Events } from '../../services/normalizer/format.ts'
import { influx } from '../../services/normalizer/formats/influx.ts'
import { Payload } from '../../services/normalizer/payload.ts'
import type { SeriesRef } from '../../services/normalizer/series-cache.ts'
import { loadConfig } from '../../shared/config/load.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { kafkaSection } from '../../shared/kafka/config.ts'
import { createLogger } from '../../shared/observability/logger.ts'
import { seriesKey } from '../../shared/series/series.ts'
import { SketchStore } from '../../shared/sketch/sketch-store.ts'

/** What it is told to do. */
export interface LimitOrder {
  readonly topic: string
  readonly groupId: string
  readonly messages: number
  readonly windowMs: number
}

/** What it answers. */
export interface LimitAnswer {
  readonly points: number
  readonly windows: number
  /** Added up, so that nothing is computed in vain. */
  readonly p99Sum: number
}

/** A series with its one open window. */
interface OpenSeries extends SeriesRef {
  start: number
  readonly sketch: number
}

const { topic, groupId, messages, windowMs } = JSON.parse(process.argv[2]!) as LimitOrder
const config = loadConfig({ kafka: kafkaSection, normalizer: normalizerSection })
const sketches = new SketchStore()
const ranks = [0.5, 0.9, 0.99]
const quantiles = new Float64Array(ranks.length)
const known = new Map<string, OpenSeries>()
const answer = { points: 0, windows: 0, p99Sum: 0 }

function finish(series: OpenSeries): void {
  if (sketches.count(series.sketch) === 0) return
  answer.windows++
  sketches.quantiles(series.sketch, ranks, quantiles)
  answer.p99Sum += quantiles[0]! + quantiles[1]! + quantiles[2]!
  sketches.clear(series.sketch)
}

const events: Events = {
  only: undefined,
  defaultTime: 0,
  series(metric, tags) {
    const key = seriesKey({ metric, tags })
    let open = known.get(key)
    if (!open) {
      open = {
        series: { metric, tags, kind: 'gauge', unit: '' },
        partition: 0,
        batch: 0,
        index: 0,
        decimals: 0,
        limit: undefined,
        bytes: 0,
        start: -1,
        sketch: sketches.create(),
      }
      known.set(key, open)
    }
    return open
  },
  timeProblem: () => undefined,
  part: () => undefined,
  point(ref, time, value) {
    const series = ref as OpenSeries
    const start = time - (time % windowMs)
    if (start !== series.start) {
      finish(series)
      series.start = start
    }
    sketches.add(series.sketch, value)
    answer.points++
  },
  histogram: () => undefined,
  log: () => undefined,
  line: () => undefined,
  span: () => undefined,
  refuse: (position, reason, detail) => {
    throw new Error(`line ${position}: ${reason}: ${detail}`)
  },
  skipField: () => undefined,
}

const reader = influx.createReader(config.normalizer)
const consumer = createKafkaClient(config.kafka, createLogger('limit', 'silent')).consumer({
  groupId,
  maxBytesPerPartition: 4 * 1024 * 1024,
  maxWaitTimeInMs: 250,
})
let read = 0
await consumer.connect()
await consumer.subscribe({ topics: [topic], fromBeginning: true })
await consumer.run({
  autoCommit: false,
  eachBatchAutoResolve: true,
  eachBatch: async ({ batch }) => {
    for (const { value } of batch.messages) reader.read(new Payload(value!, {}), events)
    read += batch.messages.length
    if (read < messages) return
    for (const series of known.values()) finish(series)
    process.send!(answer satisfies LimitAnswer)
  },
})
// Its parent takes its CPU time while it is still alive, and then lets go.
process.once('disconnect', () => process.exit())
