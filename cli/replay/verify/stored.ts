import type { InfluxClient } from '../../../shared/influx/client.ts'
import type { InfluxConfig } from '../../../shared/influx/config.ts'
import type { EventTime } from '../../../shared/stream/task.ts'
import { type Comparable, type Fields, keyOf } from './compare.ts'

/** Measurements asked for in one query. */
const maxMeasurements = 50

/** Columns of a Flux answer that are no tags. */
const ownColumns: ReadonlySet<string> = new Set([
  'result',
  'table',
  '_start',
  '_stop',
  '_time',
  '_value',
  '_field',
  '_measurement',
])

/** The windows of these measurements that begin and end in [from, to), by key. Throws RetryableError. */
export async function readStored(
  client: InfluxClient,
  { bucket }: Pick<InfluxConfig, 'bucket'>,
  measurements: readonly string[],
  { from, to }: { readonly from: EventTime; readonly to: EventTime },
): Promise<ReadonlyMap<string, Comparable>> {
  const found = new Map<string, Comparable & { fields: Record<string, Fields[string]> }>()
  for (let first = 0; first < measurements.length; first += maxMeasurements) {
    const chosen = measurements
      .slice(first, first + maxMeasurements)
      .map((name) => `r._measurement == ${fluxText(name)}`)
    const rows = await client.query(
      `from(bucket: ${fluxText(bucket)})
        |> range(start: ${new Date(from).toISOString()}, stop: ${new Date(to).toISOString()})
        |> filter(fn: (r) => exists r.window and (${chosen.join(' or ')}))`,
    )
    for (const row of rows) {
      const window = rowOf(row)
      const key = keyOf(window)
      const known = found.get(key)
      if (known) Object.assign(known.fields, window.fields)
      else if (window.start + sizeOf(window) <= to) found.set(key, window)
    }
  }
  return found
}

function rowOf(
  row: Readonly<Record<string, unknown>>,
): Comparable & { fields: Record<string, Fields[string]> } {
  const { _value: value } = row
  const fields: Fields = { [String(row._field)]: typeof value === 'string' ? value : Number(value) }
  return {
    measurement: String(row._measurement),
    tags: Object.entries(row)
      .filter(([name, value]) => !ownColumns.has(name) && value !== null && value !== '')
      .map(([name, value]) => [name, String(value)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
    start: Date.parse(String(row._time)),
    fields: { ...fields },
  }
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** Milliseconds of the tag `window`, such as 10s; 0 for a text of another kind. */
function sizeOf({ tags }: Comparable): number {
  const text = tags.find(([key]) => key === 'window')?.[1] ?? ''
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? []
  return count ? Number(count) * unitMs[unit!]! : 0
}

/** A string literal; `${` would begin an expression. */
const fluxText = (text: string) => JSON.stringify(text).replaceAll('${', '\\${')
