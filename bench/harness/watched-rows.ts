import { lengthOf } from '../../services/influx-sink/lines.ts'
import type { InfluxClient } from '../../shared/influx/client.ts'
import { seriesKey, seriesPartition } from '../../shared/series/series.ts'
import { fields, hostName, metricOf } from './workload.ts'

/** A series that is looked for in InfluxDB. */
interface Marker {
  readonly metric: string
  readonly host: string
  /** Of the points topic. */
  readonly partition: number
}

/** A row of a marker: its window's length, and where it ends. */
export interface WatchedRow {
  readonly marker: Marker
  readonly sizeMs: number
  readonly end: number
}

/** So many of each partition: its first series, its last, as they are written, and one between. More would load InfluxDB. */
const markersInPartition = 3

export function markersOf(hosts: number, partitions: number): readonly Marker[] {
  const all: Marker[][] = Array.from({ length: partitions }, () => [])
  for (let host = 0; host < hosts; host++) {
    for (let field = 0; field < fields.length; field++) {
      const metric = metricOf(field)
      const key = seriesKey({ metric, tags: [{ key: 'host', value: hostName(host) }] })
      const partition = seriesPartition(key, partitions)
      all[partition]!.push({ metric, host: hostName(host), partition })
    }
  }
  return all.flatMap((series) => {
    const step = (series.length - 1) / (markersInPartition - 1)
    const places = Array.from({ length: markersInPartition }, (_, i) => Math.round(i * step))
    return [...new Set(places)].flatMap((place) => series[place] ?? [])
  })
}

/** The rows that windows of these lengths bring at `end`, of all markers. */
export const rowsAt = (end: number, sizesMs: readonly number[], markers: readonly Marker[]) =>
  sizesMs
    .filter((sizeMs) => end % sizeMs === 0)
    .flatMap((sizeMs) => markers.map((marker): WatchedRow => ({ marker, sizeMs, end })))

/** Which of these rows can be read now. */
export async function readable(
  client: Pick<InfluxClient, 'query'>,
  bucket: string,
  wanted: ReadonlySet<WatchedRow>,
): Promise<readonly WatchedRow[]> {
  const rows = [...wanted]
  const iso = (time: number) => new Date(time).toISOString()
  const earliest = Math.min(...rows.map(({ sizeMs, end }) => end - sizeMs))
  const latest = Math.max(...rows.map(({ end }) => end))
  const markers = new Set(rows.map(({ marker }) => marker))
  const any = [...markers]
    .map(({ metric, host }) => `(r._measurement == "${metric}" and r.host == "${host}")`)
    .join(' or ')
  const found = await client.query(
    `from(bucket: "${bucket}") |> range(start: ${iso(earliest)}, stop: ${iso(latest)})
      |> filter(fn: (r) => r._field == "count" and (${any}))`,
  )
  const keyOf = (metric: unknown, host: unknown, window: unknown, start: number) =>
    `${metric} ${host} ${window} ${start}`
  const there = new Set(
    found.map(({ _measurement, host, window, _time }) =>
      keyOf(_measurement, host, window, Date.parse(String(_time))),
    ),
  )
  return rows.filter(({ marker: { metric, host }, sizeMs, end }) =>
    there.has(keyOf(metric, host, lengthOf(sizeMs), end - sizeMs)),
  )
}
