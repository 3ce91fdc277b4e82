import type { DeadLetter } from '../../shared/avro/types.ts'
import type { OutgoingRecord } from '../../shared/kafka/transactional-producer.ts'
import { redrivenHeaders } from '../../shared/replay/redriven.ts'
import { type Filter, type LetterPlace, matches } from './filter.ts'

export type Choice = 'redrive' | 'unwanted' | 'in part' | 'topic gone'

/**
 * Whether a letter is to be sent to its topic again. Of a record that was refused in part the other parts have been
 * taken; only the normalizer can leave them out.
 */
export function choose(
  letter: DeadLetter,
  place: LetterPlace,
  filter: Filter,
  exists: (topic: string) => boolean,
): Choice {
  if (!matches(letter, place, filter)) return 'unwanted'
  if (letter.rejections.length > 0 && letter.stage !== 'normalizer') return 'in part'
  return exists(letter.topic) ? 'redrive' : 'topic gone'
}

/** As `redrivenHeaders.positions` has it. */
export const partOf = ({ position, count, value }: DeadLetter['rejections'][number]): string =>
  value !== null
    ? `${position}.${value}`
    : count > 1
      ? `${position}-${position + count - 1}`
      : String(position)

/** The record as it came first, with headers that say where it comes from now and which parts of it are meant. */
export function recordOf(letter: DeadLetter, place: LetterPlace, partitions: number): OutgoingRecord {
  const headers = Object.fromEntries(letter.headers.map(({ key, value }) => [key, Buffer.from(value)]))
  const positions = letter.rejections.map(partOf)
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
