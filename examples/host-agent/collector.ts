import type { Tag } from '../../shared/avro/types.ts'
import { type FieldValue, lineOf } from '../../shared/influx/line-protocol.ts'

/** What was measured at once under one name, as Telegraf's metrics are. */
export interface Measurement {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, FieldValue | null | undefined>>
}

/** Reads one kind of thing off the machine. */
export interface Collector {
  readonly name: string
  /** How often at most, seconds: some readings cost more than others. */
  readonly everySeconds?: number
  collect(): Promise<readonly Measurement[]>
}

/** Line protocol with a time in nanoseconds, as Telegraf writes it; undefined when nothing was measured. */
export function toLine(
  { name, tags, fields }: Measurement,
  host: string,
  timeMs: number,
): string | undefined {
  const known = Object.entries(fields).filter((entry): entry is [string, FieldValue] => isNumber(entry[1]))
  if (known.length === 0) return undefined
  const all: Tag[] = Object.entries({ host, ...tags }).flatMap(([key, value]) =>
    value === '' ? [] : [{ key, value }],
  )
  const line = lineOf(
    name,
    all.sort((a, b) => (a.key < b.key ? -1 : 1)),
    Object.fromEntries(known),
    timeMs,
  )
  return `${line}000000`
}

const isNumber = (value: FieldValue | null | undefined) =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : typeof value === 'object' && value !== null && Number.isFinite(value.integer)
