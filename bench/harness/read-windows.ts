import type { WindowBatch } from '../../shared/avro/types.ts'
import { createKafkaClient } from '../../shared/kafka/client.ts'
import { tail } from '../../shared/stream/tail.ts'
import type { BenchContext } from './bench.ts'
import { type Installation, silent } from './installation.ts'
import type { SeenWindow } from './window-tally.ts'

/** Hands over each committed window of ours as it comes; closed when the benchmark ends. */
export async function readWindows(
  context: BenchContext,
  { config, topics }: Installation,
  onWindow: (window: SeenWindow) => void,
): Promise<void> {
  const reader = await tail({
    ...config,
    topics: [topics.windows],
    fromBeginning: true,
    log: silent,
    onRecord(_, value) {
      for (const { series, start, sizeMs, revision, count, p99 } of (value as WindowBatch).windows) {
        const host = series.tags.find(({ key }) => key === 'host')?.value ?? ''
        onWindow({ metric: series.metric, host, startMs: start, sizeMs, revision, count, p99 })
      }
    },
  })
  context.atEnd(() => reader.close())
}

interface PeerWindow {
  readonly series: string
  readonly start: number
  readonly count: number
  readonly p99: number
}

/** Hands over each committed window of the peer; closed when the benchmark ends. */
export async function readPeerWindows(
  context: BenchContext,
  { config, name }: Pick<Installation, 'config' | 'name'>,
  topic: string,
  windowMs: number,
  onWindow: (window: SeenWindow) => void,
): Promise<void> {
  const consumer = createKafkaClient(config.kafka, silent).consumer({ groupId: `${name}-peer-reader` })
  context.atEnd(() => consumer.disconnect())
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message }) => {
      const { series, start, count, p99 } = JSON.parse(message.value!.toString()) as PeerWindow
      const [metric, ...tags] = series.split(',')
      const host = tags.find((tag) => tag.startsWith('host='))?.slice('host='.length) ?? ''
      onWindow({ metric: metric!, host, startMs: start, sizeMs: windowMs, revision: 0, count, p99 })
    },
  })
}
