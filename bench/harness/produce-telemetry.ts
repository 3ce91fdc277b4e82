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

const seed = 20_260
/** Agents batch too. */
const bytesInRequest = 800_000
/** Between the last event and now: nothing is in the future, whatever clocks say. */
const agoMs = 120_000

/** Writes about so many bytes, before compression, in whole rounds of the fleet; the last ended two minutes ago. */
export async function produceTelemetry(
  context: BenchContext,
  { config, raw }: Installation,
  telemetry: Telemetry,
  wantedBytes: number,
): Promise<Written> {
  const moments = Math.max(1, Math.round(wantedBytes / bytesOfMoment(telemetry)))
  const first = Math.floor((Date.now() - agoMs) / momentMs) * momentMs - moments * momentMs
  const headers: Record<string, string> = telemetry.contentType
    ? { 'content-type': telemetry.contentType }
    : {}
  const written = { messages: 0, bytes: 0, unpackedBytes: 0, things: 0 }
  const random = seededRandom(seed)
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
    for (let number = 0; number < moments; number++) {
      for (const message of telemetry.messages({ number, timeMs: first + number * momentMs }, random)) {
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

function bytesOfMoment(telemetry: Telemetry): number {
  const sizeOf = ({ value, unpackedBytes }: RawMessage) => unpackedBytes ?? Buffer.byteLength(value)
  let bytes = 0
  for (const message of telemetry.messages({ number: 0, timeMs: 0 }, seededRandom(seed)))
    bytes += sizeOf(message)
  return bytes
}
