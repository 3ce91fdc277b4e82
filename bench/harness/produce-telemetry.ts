import { createProducer, type OutgoingMessage } from '../../shared/kafka/producer.ts'
import { seededRandom } from '../../test/support/random.ts'
import { momentMs, type RawMessage, type Telemetry } from '../telemetry/telemetry.ts'
import type { BenchContext } from './bench.ts'
import { type Installation, silent } from './installation.ts'

/** What was written to a raw topic. */
export interface Written {
  readonly messages: number
  /** Values of the messages, as they came from the agent. */
  readonly bytes: number
  /** The same without the compression that the agent itself has put around them. */
  readonly unpackedBytes: number
  /** What is to be made of them. */
  readonly things: number
}

export const both = (a: Written, b: Written): Written => ({
  messages: a.messages + b.messages,
  bytes: a.bytes + b.bytes,
  unpackedBytes: a.unpackedBytes + b.unpackedBytes,
  things: a.things + b.things,
})

/** Rounds of the fleet, one after the other. */
interface Rounds {
  readonly first: number
  readonly count: number
  /** When the round 0 begins, milliseconds. */
  readonly startMs: number
}

const seed = 20_260
/** Agents batch too. */
const bytesInRequest = 800_000
/** Between the last event and now: nothing is in the future, whatever clocks say. */
const agoMs = 120_000

/** As many rounds as make about so many bytes, at least one, for each of the parts; the last ended two minutes ago. */
export function roundsOf(telemetry: Telemetry, parts: readonly number[]): readonly Rounds[] {
  const bytesOfRound = bytesOf(telemetry.messages({ number: 0, timeMs: 0 }, seededRandom(seed)))
  const counts = parts.map((bytes) => Math.max(1, Math.round(bytes / bytesOfRound)))
  const all = counts.reduce((sum, count) => sum + count, 0)
  const startMs = Math.floor((Date.now() - agoMs) / momentMs) * momentMs - all * momentMs
  let next = 0
  return counts.map((count) => {
    const first = next
    next += count
    return { first, count, startMs }
  })
}

function bytesOf(messages: Iterable<RawMessage>): number {
  let bytes = 0
  for (const { value, unpackedBytes } of messages) bytes += unpackedBytes ?? Buffer.byteLength(value)
  return bytes
}

/** Writes these rounds to the raw topic. */
export async function produceTelemetry(
  context: BenchContext,
  { config, raw }: Installation,
  telemetry: Telemetry,
  { first, count, startMs }: Rounds,
): Promise<Written> {
  const headers: Record<string, string> = telemetry.contentType
    ? { 'content-type': telemetry.contentType }
    : {}
  const written = { messages: 0, bytes: 0, unpackedBytes: 0, things: 0 }
  const random = seededRandom(seed + first)
  const producer = await createProducer(config.kafka, silent)
  let pending: OutgoingMessage[] = []
  let pendingBytes = 0
  const send = async () => {
    context.signal.throwIfAborted()
    if (pending.length > 0) await producer.send(raw, pending)
    pending = []
    pendingBytes = 0
  }
  try {
    for (let number = first; number < first + count; number++) {
      for (const message of telemetry.messages({ number, timeMs: startMs + number * momentMs }, random)) {
        const { key, value, things } = message
        const bytes = Buffer.byteLength(value)
        pending.push({ key, value, headers })
        pendingBytes += bytes
        written.messages++
        written.bytes += bytes
        written.unpackedBytes += message.unpackedBytes ?? bytes
        written.things += things
        if (pendingBytes > bytesInRequest) await send()
      }
    }
    await send()
  } finally {
    await producer.close()
  }
  return written
}
