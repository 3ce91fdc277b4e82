import type { DeadLetter } from '../../shared/avro/types.ts'
import type { Topic, Topics } from '../../shared/stream/topic.ts'
import { producerOf } from './producer.ts'

/** A topic in which records are set aside, and how a person speaks of them. */
export interface Shelf {
  /** Of `tidemark`. */
  readonly command: 'deadletter' | 'parking'
  topicIn(topics: Topics): Topic<DeadLetter>
  /** Before the position of one. */
  readonly heading: string
  readonly one: string
  readonly many: string
  /** What became of them. */
  readonly done: 'refused' | 'parked'
  /** Whom they are counted by, and how that goes on in a sentence. */
  readonly who: 'producer' | 'tenant'
  readonly by: string
  whoOf(letter: DeadLetter): string | undefined
}

export const deadLetters: Shelf = {
  command: 'deadletter',
  topicIn: ({ deadletter }) => deadletter,
  heading: 'dead letter',
  one: 'dead letter',
  many: 'dead letters',
  done: 'refused',
  who: 'producer',
  by: 'from',
  whoOf: producerOf,
}

export const parkedRecords: Shelf = {
  command: 'parking',
  topicIn: ({ parking }) => parking,
  heading: 'parked as',
  one: 'parked record',
  many: 'parked records',
  done: 'parked',
  who: 'tenant',
  by: 'of tenant',
  whoOf: ({ tenant }) => tenant ?? undefined,
}
