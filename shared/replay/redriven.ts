import { BadRecordError } from '../errors.ts'
import type { EventTime } from '../stream/task.ts'

/**
 * Headers of a record that was refused or parked once and is sent to its topic again: `telemetry.deadletter/2/107`, the
 * letter that it comes from; when the broker took the record first, milliseconds; and the parts of it that are to be
 * taken, `3,7-90`, absent for all; `5.2` is of part 5 the number 2, counted from 0.
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
export interface Parts {
  /** Whether the part is to be taken, or some of its numbers. */
  has(position: number): boolean
  /** Which of its numbers are to be taken; undefined for the whole part. */
  valuesOf(position: number): ReadonlySet<number> | undefined
}

/** Undefined for a record that comes for the first time. Throws BadRecordError when the headers are none of ours. */
export function redrivenOf(headers: Readonly<Record<string, Buffer>>): Redriven | undefined {
  if (headers[redrivenHeaders.from] === undefined) return undefined
  const timestamp = Number(headers[redrivenHeaders.timestamp] ?? Number.NaN)
  const text = headers[redrivenHeaders.positions]?.toString()
  if (
    !Number.isSafeInteger(timestamp) ||
    (text !== undefined && !/^\d{1,10}([-.]\d{1,10})?(,\d{1,10}([-.]\d{1,10})?)*$/.test(text))
  )
    throw new BadRecordError(
      'invalid_redrive',
      `the headers ${redrivenHeaders.timestamp} and ${redrivenHeaders.positions} are not those of a dead letter`,
    )
  return { timestamp, only: text === undefined ? undefined : partsIn(text) }
}

/** A stranger may have written any ranges: they are not counted out. */
function partsIn(text: string): Parts {
  const ranges: (readonly [first: number, last: number])[] = []
  const values = new Map<number, Set<number>>()
  for (const part of text.split(',')) {
    const [first = 0, second = first] = part.split(/[-.]/).map(Number)
    if (!part.includes('.')) ranges.push([first, second])
    else if (values.has(first)) values.get(first)!.add(second)
    else values.set(first, new Set([second]))
  }
  const isWhole = within(ranges)
  return {
    has: (position) => isWhole(position) || values.has(position),
    valuesOf: (position) => (isWhole(position) ? undefined : values.get(position)),
  }
}

function within(
  unsorted: readonly (readonly [first: number, last: number])[],
): (position: number) => boolean {
  const ranges = unsorted.toSorted(([one], [other]) => one - other)
  const starts = Float64Array.from(ranges, ([first]) => first)
  return (position) => {
    let from = 0
    let to = starts.length
    while (from < to) {
      const middle = (from + to) >> 1
      if (starts[middle]! <= position) from = middle + 1
      else to = middle
    }
    return from > 0 && position <= ranges[from - 1]![1]
  }
}
