import type { DeadLetter } from '../../../shared/avro/types.ts'
import type { OutgoingRecord } from '../../../shared/kafka/transactional-producer.ts'
import { redrivenHeaders } from '../../../shared/replay/redriven.ts'

/** Which dead letters are wanted; undefined for all. */
export interface Filter {
  /** When they were refused, milliseconds; `to` exclusive. */
  readonly from: number | undefined
  readonly to: number | undefined
  readonly reason: string | undefined
  /** From which they were read first. */
  readonly topic: string | undefined
}

/** Where a letter stands in the dead-letter topic. */
interface LetterPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** When it was refused, milliseconds. */
  readonly timestamp: number
}

export type Choice = 'redrive' | 'unwanted' | 'in part' | 'topic gone'

/**
 * Whether a letter is to be sent to its topic again. Of a record that was refused in part the other parts have been
 * taken; only the normalizer can leave them out.
 */
export function choose(
  letter: DeadLetter,
  place: LetterPlace,
  { from, to, reason, topic }: Filter,
  exists: (topic: string) => boolean,
): Choice {
  if (from !== undefined && place.timestamp < from) return 'unwanted'
  if (to !== undefined && place.timestamp >= to) return 'unwanted'
  if (reason !== undefined && letter.reason !== reason) return 'unwanted'
  if (topic !== undefined && letter.topic !== topic) return 'unwanted'
  if (letter.rejections.length > 0 && letter.stage !== 'normalizer') return 'in part'
  return exists(letter.topic) ? 'redrive' : 'topic gone'
}

/** The record as it came first, with headers that say where it comes from now and which parts of it are meant. */
export function recordOf(letter: DeadLetter, place: LetterPlace, partitions: number): OutgoingRecord {
  const headers = Object.fromEntries(letter.headers.map(({ key, value }) => [key, Buffer.from(value)]))
  const positions = letter.rejections.map(({ position }) => position)
  return {
    topic: letter.topic,
    partition: letter.partition % partitions,
    key: letter.key && Buffer.from(letter.key),
    value: letter.value && Buffer.from(letter.value),
    headers: {
      // Of a letter that was re-driven before, the first time counts, and the parts unless there are fewer now.
      [redrivenHeaders.timestamp]: Buffer.from(String(letter.timestamp)),
      ...headers,
      [redrivenHeaders.from]: Buffer.from(`${place.topic}/${place.partition}/${place.offset}`),
      ...(positions.length > 0 && { [redrivenHeaders.positions]: Buffer.from(positions.join(',')) }),
    },
  }
}
