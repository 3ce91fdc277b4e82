import type { Codec } from '../avro/codec.ts'
import type { DeadLetter } from '../avro/types.ts'
import type { RejectionReason } from '../errors.ts'
import type { OutgoingRecord } from '../kafka/transactional-producer.ts'
import { letterOf } from './dead-letter.ts'
import type { Output, Refusal, StreamRecord } from './task.ts'
import type { Topic } from './topic.ts'

/** Where refused records of one partition go, and in whose name. */
interface DeadLetters {
  readonly topic: Topic<DeadLetter>
  readonly partition: number
  readonly stage: string
  onReject(reason: RejectionReason): void
}

/** Where the long state of one partition is kept. */
interface StatePlace {
  readonly topic: string
  readonly partition: number
}

/** What a task has emitted since the last commit, encoded, so that its size is known and nothing can change it. */
export class OutputBuffer implements Output {
  readonly isDiscarded = false
  readonly #codec: Codec
  readonly #deadLetters: DeadLetters
  readonly #state: StatePlace | undefined
  #records: OutgoingRecord[] = []
  #bytes = 0

  /** Without `state`, the task may keep none. */
  constructor(codec: Codec, deadLetters: DeadLetters, state?: StatePlace) {
    this.#codec = codec
    this.#deadLetters = deadLetters
    this.#state = state
  }

  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#records.length
  }

  send<T>(topic: Topic<T>, partition: number, value: T): void {
    const bytes = this.#codec.encode(topic.name, topic.schema, value)
    const record = { topic: topic.name, partition, key: null, value: bytes }
    this.#records.push(record)
    this.#bytes += sizeOf(record)
  }

  keep(key: string, value: Uint8Array | null): void {
    if (!this.#state) throw new Error('this service has declared no topic for its state')
    const record: OutgoingRecord = {
      ...this.#state,
      key: Buffer.from(key),
      value: value && Buffer.from(value),
    }
    this.#records.push(record)
    this.#bytes += sizeOf(record)
  }

  reject(
    record: StreamRecord<unknown>,
    reason: RejectionReason,
    detail: string,
    refusals: readonly Refusal[] = [],
  ): void {
    const { topic, partition, stage, onReject } = this.#deadLetters
    onReject(reason)
    this.send(topic, partition, letterOf(record, { stage, reason, detail, parts: refusals }))
  }

  take(): readonly OutgoingRecord[] {
    const records = this.#records
    this.#records = []
    this.#bytes = 0
    return records
  }

  /** Forgets what was emitted after there were `length` records: a failed attempt, which will be made again. */
  truncate(length: number): void {
    for (const record of this.#records.splice(length)) this.#bytes -= sizeOf(record)
  }
}

const sizeOf = ({ key, value }: OutgoingRecord) => (key?.length ?? 0) + (value?.length ?? 0)

/** For the log that is read again after a restart: what comes of it was committed before. */
export const discarded: Output = {
  isDiscarded: true,
  send: () => undefined,
  keep: () => undefined,
  reject: () => undefined,
}
