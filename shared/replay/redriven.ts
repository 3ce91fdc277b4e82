import { BadRecordError } from '../errors.ts'
import type { EventTime } from '../stream/task.ts'

/**
 * Headers of a record that was refused or parked once and is sent to its topic again: `telemetry.deadletter/2/107`, the
 * letter that it comes from; when the broker took the record first, milliseconds; and the parts of it that are to be
 * taken, `3,7-90`, absent for all.
 */
export const redrivenHeaders = {
  from: 'tidemark-redriven-from',
  timestamp: 'tidemark-timestamp',
  positions: 'tidemark-positions',
} as const

interface Redriven {
  readonly timestamp: EventTime
  /** The others of its lines or elements were taken when it came first. */
  readonly only: Parts | undefined
}

/** Some of the parts of a record. */
export type Parts = Pick<ReadonlySet<number>, 'has'>

/** Undefined for a record that comes for the first time. Throws BadRecordError when the headers are none of ours. */
export function redrivenOf(headers: Readonly<Record<string, Buffer>>): Redriven | undefined {
  if (headers[redrivenHeaders.from] === undefined) return undefined
  const timestamp = Number(headers[redrivenHeaders.timestamp] ?? Number.NaN)
  const text = headers[redrivenHeaders.positions]?.toString()
  if (
    !Number.isSafeInteger(timestamp) ||
    (text !== undefined && !/^\d{1,10}(-\d{1,10})?(,\d{1,10}(-\d{1,10})?)*$/.test(text))
  )
    throw new BadRecordError(
      'invalid_redrive',
      `the headers ${redrivenHeaders.timestamp} and ${redrivenHeaders.positions} are not those of a dead letter`,
    )
  return { timestamp, only: text === undefined ? undefined : partsIn(text) }
}

/** A stranger may have written any ranges: they are not counted out. */
function partsIn(text: string): Parts {
  const ranges = text
    .split(',')
    .map((range) => range.split('-').map(Number))
    .map(([first = 0, last = first]) => [first, last] as const)
    .sort(([one], [other]) => one - other)
  const starts = Float64Array.from(ranges, ([first]) => first)
  return {
    has(position) {
      let from = 0
      let to = starts.length
      while (from < to) {
        const middle = (from + to) >> 1
        if (starts[middle]! <= position) from = middle + 1
        else to = middle
      }
      return from > 0 && position <= ranges[from - 1]![1]
    },
  }
}
