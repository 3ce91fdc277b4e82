import type { DeadLetter } from '../../shared/avro/types.ts'
import { ConfigurationError } from '../../shared/errors.ts'
import { parseTime } from '../replay/request.ts'
import { isAt, type Place, parsePlace } from './place.ts'
import { producerOf } from './producer.ts'

/** Which letters are wanted; undefined for all. */
export interface Filter {
  /** When they were set aside, milliseconds; `until` exclusive. */
  readonly since: number | undefined
  readonly until: number | undefined
  readonly reason: string | undefined
  /** From which they were read first. */
  readonly topic: string | undefined
  readonly tenant: string | undefined
  /** As `producerOf` tells it. */
  readonly producer: string | undefined
  /** The only one that is wanted. */
  readonly place: Place | undefined
}

/** As they stand on the command line. */
export interface FilterOptions {
  readonly since?: string | undefined
  readonly until?: string | undefined
  readonly reason?: string | undefined
  readonly topic?: string | undefined
  readonly tenant?: string | undefined
  readonly producer?: string | undefined
  readonly place?: string | undefined
}

/** Where a letter stands in the topic of dead letters, or of parked records. */
export interface LetterPlace extends Place {
  /** When it was set aside, milliseconds. */
  readonly timestamp: number
}

/** `names` are those of the options for the times, for the errors. Throws ConfigurationError. */
export function filterOf(
  { since, until, reason, topic, tenant, producer, place }: FilterOptions,
  names = { since: '--since', until: '--until' },
): Filter {
  const filter = {
    since: since === undefined ? undefined : parseTime(names.since, since),
    until: until === undefined ? undefined : parseTime(names.until, until),
    reason,
    topic,
    tenant,
    producer,
    place: place === undefined ? undefined : parsePlace(place),
  }
  if (filter.since !== undefined && filter.until !== undefined && filter.since >= filter.until)
    throw new ConfigurationError(
      `${names.since} ${new Date(filter.since).toISOString()} is not before ${names.until} ${new Date(filter.until).toISOString()}.`,
    )
  return filter
}

export function matches(
  letter: DeadLetter,
  place: LetterPlace,
  { since, until, reason, topic, tenant, producer, place: only }: Filter,
): boolean {
  return (
    (since === undefined || place.timestamp >= since) &&
    (until === undefined || place.timestamp < until) &&
    (reason === undefined || letter.reason === reason) &&
    (topic === undefined || letter.topic === topic) &&
    (tenant === undefined || letter.tenant === tenant) &&
    (only === undefined || isAt(only, place) || isAt(only, letter)) &&
    // Last, since it may search the value.
    (producer === undefined || producerOf(letter) === producer)
  )
}
