import { Codec } from '../../shared/avro/codec.ts'
import { completeSchema, type RecordName, recordNames } from '../../shared/avro/schemas.ts'
import type { Output, Refusal, StreamRecord } from '../../shared/stream/task.ts'
import type { Topic } from '../../shared/stream/topic.ts'

interface Sent {
  readonly topic: string
  readonly partition: number
  readonly value: unknown
}

interface Rejected {
  readonly offset: number
  readonly reason: string
  readonly detail: string
  readonly refusals: readonly Refusal[]
}

/** As with a registry: a record that can't be encoded fails the test. */
const codec = new Codec({
  register: async (_, record) => recordNames.indexOf(record),
  schema: async (id) => completeSchema(recordNames[id]!),
})
for (const name of recordNames) {
  await codec.prepareWriter(name, name)
  await codec.prepareReader(name, Buffer.of(0, 0, 0, 0, recordNames.indexOf(name), 0))
}

/** Keeps what a task emits, as the next task will read it. */
export class RecordingOutput implements Output {
  readonly isDiscarded = false
  readonly sent: Sent[] = []
  readonly rejected: Rejected[] = []
  /** The long state, as a compacted topic would hold it. */
  readonly state = new Map<string, Uint8Array>()

  send<T>(topic: Topic<T>, partition: number, value: T): void {
    this.sent.push({ topic: topic.name, partition, value: asRead(topic.schema, value) })
  }

  keep(key: string, value: Uint8Array | null): void {
    if (value) this.state.set(key, Uint8Array.from(value))
    else this.state.delete(key)
  }

  reject(
    record: StreamRecord<unknown>,
    reason: string,
    detail: string,
    refusals: readonly Refusal[] = [],
  ): void {
    this.rejected.push({ offset: record.offset, reason, detail, refusals })
  }

  /** What was sent to one topic. */
  of<T>(topic: Topic<T>): readonly T[] {
    return this.sent.filter(({ topic: name }) => name === topic.name).map(({ value }) => value as T)
  }

  /** What was sent to one partition of it. */
  sentTo<T>(topic: Topic<T>, partition: number): readonly T[] {
    const isMeant = (one: Sent) => one.topic === topic.name && one.partition === partition
    return this.sent.filter(isMeant).map(({ value }) => value as T)
  }
}

const asRead = (schema: RecordName, value: unknown) =>
  codec.decode(schema, codec.encode(schema, schema, value))
