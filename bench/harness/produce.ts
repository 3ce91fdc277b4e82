import { createProducer } from '../../shared/kafka/producer.ts'
import type { BenchContext } from './bench.ts'
import { type Installation, silent } from './installation.ts'
import { hostName, type Workload } from './workload.ts'

/** Messages in one request: agents batch too. */
const messagesInRequest = 4_000

/** So many in each partition that every partition behind the normalizer, or behind a peer's repartitioning, gets some. */
const closingHosts = 200

/** Writes the whole workload to the raw topic, keyed by host, moment after moment. */
export async function produceWorkload(
  context: BenchContext,
  { config, raw }: Installation,
  workload: Workload,
): Promise<void> {
  const producer = await createProducer(config.kafka, silent)
  try {
    const moments = workload.size.windows * workload.size.samples
    let pending: { key: string; value: string }[] = []
    const names = Array.from({ length: workload.size.hosts }, (_, host) => hostName(host))
    for (let moment = 0; moment < moments; moment++) {
      context.signal.throwIfAborted()
      for (let host = 0; host < names.length; host++) {
        pending.push({ key: names[host]!, value: workload.line(host, moment) })
        if (pending.length < messagesInRequest) continue
        await producer.send(raw, pending)
        pending = []
      }
    }
    if (pending.length > 0) await producer.send(raw, pending)
  } finally {
    await producer.close()
  }
}

/** Writes, behind all others, messages that move every clock beyond the last window, so that it closes. */
export async function produceClosing(
  { config, raw }: Installation,
  workload: Workload,
  partitions: number,
): Promise<void> {
  const producer = await createProducer(config.kafka, silent)
  try {
    for (let partition = 0; partition < partitions; partition++) {
      await producer.send(
        raw,
        Array.from({ length: closingHosts }, (_, host) => ({ partition, value: workload.closingLine(host) })),
      )
    }
  } finally {
    await producer.close()
  }
}
