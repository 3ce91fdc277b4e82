/**
 * A log event of each format in the normalizer's own task, up to the bytes that go to Kafka, and from these to a document of
 * Elasticsearch, without any server: `node bench/micro/log-formats.ts`. Times are CPU time of this process.
 */
import { logDocument } from '../../services/elasticsearch-sink/documents.ts'
import { NormalizerTask } from '../../services/normalizer/normalizer-task.ts'
import { Codec } from '../../shared/avro/codec.ts'
import { completeSchema } from '../../shared/avro/schemas.ts'
import type { LogBatch } from '../../shared/avro/types.ts'
import type { Output } from '../../shared/stream/task.ts'
import { normalizerDefaults, now } from '../../test/support/normalize.ts'
import { seededRandom } from '../../test/support/random.ts'
import { record, taskContext, topics } from '../../test/support/task-context.ts'
import { allTelemetry } from '../telemetry/registry.ts'
import { nameOf, type Telemetry } from '../telemetry/telemetry.ts'
import { report } from './measure.ts'

/** What a task gets in one call, about. */
const messagesInCall = 1_000

const codec = new Codec({ register: async () => 1, schema: async () => completeSchema('LogBatch') })
await codec.prepareWriter(topics.logs.name, 'LogBatch')
await codec.prepareReader('LogBatch', Buffer.of(0, 0, 0, 0, 1, 0))

/** A call of a task of this format on these messages; answers what it has sent. Throws Error when something is refused. */
function normalizing(format: string, messages: readonly (string | Buffer)[]): () => readonly Buffer[] {
  const context = taskContext({ topic: 'raw', partitions: 1, now })
  const task = new NormalizerTask({ ...normalizerDefaults, formats: { raw: format } }, topics, context)
  let sent: Buffer[] = []
  const out: Output = {
    isDiscarded: false,
    keep: () => undefined,
    send: ({ name, schema }, _, value) => {
      if (name === topics.logs.name) sent.push(codec.encode(name, schema, value))
    },
    reject: (_, reason) => {
      throw new Error(reason)
    },
  }
  const records = messages.map((value, i) =>
    record(i, Buffer.from(value as string), { topic: 'raw', timestamp: now }),
  )
  return () => {
    sent = []
    for (let at = 0; at < records.length; at += messagesInCall)
      task.process(records.slice(at, at + messagesInCall), out)
    task.beforeCommit(out)
    return sent
  }
}

const documentsOf = (encoded: readonly Buffer[]) =>
  encoded.flatMap((bytes) =>
    (codec.decode('LogBatch', bytes) as LogBatch).logs.map((log) => logDocument('tidemark', log)),
  )

function measure(telemetry: Telemetry): void {
  const messages = [...telemetry.messages({ number: 0, timeMs: now }, seededRandom(20_260))]
  const bytes = messages.reduce((sum, { value }) => sum + value.length, 0)
  const events = messages.reduce((sum, { things }) => sum + things, 0)
  const name = `a log event of ${nameOf(telemetry)}, ${Math.round(bytes / events)} bytes`
  const normalize = normalizing(
    telemetry.format,
    messages.map(({ value }) => value),
  )
  report(`${name}, to Kafka`, events, 10, normalize)
  const encoded = normalize()
  report(`${name}, to a document`, documentsOf(encoded).length, 10, () => void documentsOf(encoded))
}

for (const telemetry of allTelemetry) if (telemetry.makes === 'logs') measure(telemetry)
