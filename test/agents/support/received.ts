import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import { type Config, loadAll } from '../../../cli/sections.ts'
import type {
  DeadLetter,
  Histogram,
  LogBatch,
  LogRecord,
  PointBatch,
  SeriesKind,
  Span,
  SpanBatch,
} from '../../../shared/avro/types.ts'
import { createProducer } from '../../../shared/kafka/producer.ts'
import { unpackedLogs } from '../../../shared/logs/unpack.ts'
import { unpacked } from '../../../shared/points/unpack.ts'
import { tail } from '../../../shared/stream/tail.ts'
import { topicsOf } from '../../../shared/stream/topic.ts'
import { eventually, silent } from '../../support/pipeline.ts'
import { partitions } from './directory.ts'

interface DescribedSeries {
  readonly metric: string
  readonly tags: Readonly<Record<string, string>>
  readonly kind: SeriesKind
  readonly unit: string
}

export interface Point extends DescribedSeries {
  readonly time: number
  readonly value: number
}

/** What the normalizer has made of all that agents have sent, this file's and those before. */
export interface Received {
  readonly points: readonly Point[]
  readonly histograms: readonly (DescribedSeries & Omit<Histogram, 'seriesIndex'>)[]
  readonly logs: readonly LogRecord[]
  readonly spans: readonly Span[]
  /** Waits for what is looked for; gives what there is when it does not come. */
  until<T>(look: (received: Received) => readonly T[], atLeast?: number): Promise<readonly T[]>
  /** What was refused since `receive` was called, and why, once all that had been sent before this call has been read. */
  refused(): Promise<readonly string[]>
  close(): Promise<void>
}

export async function receive(): Promise<Received> {
  const config = loadAll({ env: inject('environment'), cwd: '/' })
  const topics = topicsOf(config.kafka.topicPrefix)
  const since = Date.now()
  const points: Point[] = []
  const histograms: Received['histograms'][number][] = []
  const logs: LogRecord[] = []
  const spans: Span[] = []
  const letters: DeadLetter[] = []
  const take: Readonly<Record<string, (value: unknown) => void>> = {
    [topics.points.name]: (batch) => {
      points.push(...pointsOf(batch as PointBatch))
      histograms.push(...histogramsOf(batch as PointBatch))
    },
    [topics.logs.name]: (batch) => logs.push(...unpackedLogs(batch as LogBatch).logs),
    [topics.spans.name]: (batch) => spans.push(...(batch as SpanBatch).spans),
    [topics.deadletter.name]: (letter) => {
      if ((letter as DeadLetter).timestamp >= since) letters.push(letter as DeadLetter)
    },
  }
  const reader = await tail({
    ...config,
    topics: [topics.points, topics.logs, topics.spans, topics.deadletter],
    fromBeginning: true,
    log: silent,
    onRecord: (topic, value) => take[topic]!(value),
  })
  const received: Received = {
    points,
    histograms,
    logs,
    spans,
    until: (look, atLeast = 1) =>
      eventually(
        () => look(received),
        (found) => found.length >= atLeast || letters.some((letter) => !isMark(letter)),
      ),
    async refused() {
      const marks = await sendMarks(config)
      await eventually(
        () => letters.filter((letter) => marks.has(textOf(letter))).length,
        (come) => come === marks.size,
      )
      return letters.filter((letter) => !isMark(letter)).map(describeLetter)
    },
    close: () => reader.close(),
  }
  return received
}

const markPrefix = 'the end of what was sent: '

/**
 * Sends something to the end of each raw partition that must be refused. Refusals keep the order of their partition: when
 * this one has come, so have all before.
 */
async function sendMarks({ kafka, normalizer }: Config): Promise<ReadonlySet<string>> {
  const producer = await createProducer(kafka, silent)
  const marks = new Set<string>()
  for (const topic of normalizer.inputTopics) {
    const messages = Array.from({ length: partitions }, (_, partition) => ({
      partition,
      value: `${markPrefix}${randomUUID()}`,
    }))
    await producer.send(topic, messages)
    for (const { value } of messages) marks.add(value)
  }
  await producer.close()
  return marks
}

const textOf = ({ value }: DeadLetter) => Buffer.from(value ?? []).toString('latin1')
const isMark = (letter: DeadLetter) => textOf(letter).startsWith(markPrefix)

function pointsOf(batch: PointBatch): Point[] {
  const { seriesIndex, times, values } = unpacked(batch)
  const series = described(batch)
  return seriesIndex.map((index, i) => ({ ...series[index]!, time: times[i]!, value: values[i]! }))
}

function histogramsOf(batch: PointBatch): Received['histograms'] {
  const series = described(batch)
  return batch.histograms.map(({ seriesIndex, ...histogram }) => ({ ...series[seriesIndex]!, ...histogram }))
}

const described = ({ series }: PointBatch): readonly DescribedSeries[] =>
  series.map(({ tags, ...rest }) => ({
    ...rest,
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
  }))

const describeLetter = (letter: DeadLetter) =>
  `${letter.topic}: ${letter.reason}: ${letter.detail}: ${textOf(letter).slice(0, 500)}`
