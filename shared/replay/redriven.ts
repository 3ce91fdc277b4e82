import { BadRecordError } from '../errors.ts'
import type { EventTime } from '../stream/task.ts'

/**
 * Headers of a record that was refused once and is sent to its topic again: `telemetry.deadletter/2/107`, the dead
 * letter that it comes from; when the broker took the record first, milliseconds; and the parts of it that are to be
 * taken, `3,7`, absent for all.
 */
export const redrivenHeaders = {
  from: 'tidemark-redriven-from',
  timestamp: 'tidemark-timestamp',
  positions: 'tidemark-positions',
} as const

interface Redriven {
  readonly timestamp: EventTime
  /** The others of its lines or elements were taken when it came first. */
  readonly only: ReadonlySet<number> | undefined
}

/** Undefined for a record that comes for the first time. Throws BadRecordError when the headers are none of ours. */
export function redrivenOf(headers: Readonly<Record<string, Buffer>>): Redriven | undefined {
  if (headers[redrivenHeaders.from] === undefined) return undefined
  const timestamp = Number(headers[redrivenHeaders.timestamp] ?? Number.NaN)
  const text = headers[redrivenHeaders.positions]?.toString()
  if (!Number.isSafeInteger(timestamp) || (text !== undefined && !/^\d+(,\d+)*$/.test(text)))
    throw new BadRecordError(
      'invalid_redrive',
      `the headers ${redrivenHeaders.timestamp} and ${redrivenHeaders.positions} are not those of a dead letter`,
    )
  return { timestamp, only: text === undefined ? undefined : new Set(text.split(',').map(Number)) }
}
