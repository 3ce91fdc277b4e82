import type { Config } from '../../cli/sections.ts'
import { lengthOf } from '../../services/influx-sink/lines.ts'
import { connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import { normalizeTags } from '../../shared/series/series.ts'
import type { WindowRow } from './accounting/rows.ts'
import type { LogEvent } from './telemetry.ts'

/** Of event time, asked for at once: far fewer than the 10,000 documents that Elasticsearch gives. */
const sliceMs = 60_000

export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** The windows of a run's metrics as InfluxDB has them. */
export async function readRows(
  { influx }: Config,
  metric: string,
  sizesMs: readonly number[],
  range: TimeRange,
): Promise<readonly WindowRow[]> {
  const client = connectInflux(influx)
  const sizes = new Map(sizesMs.map((sizeMs) => [lengthOf(sizeMs), sizeMs]))
  const rows: WindowRow[] = []
  for (const { from, to } of slicesOf(range)) {
    const found = await client.query(
      `from(bucket: "${influx.bucket}")
      |> range(start: time(v: ${from}000000), stop: time(v: ${to}000000))
      |> filter(fn: (r) => strings.hasPrefix(v: r._measurement, prefix: "${metric}."))
      |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`.replace(
        /^/,
        'import "strings"\n',
      ),
    )
    rows.push(...found.map((row) => rowOf(row, sizes)))
  }
  return rows
}

/** Columns of Flux's own, and those that are no tags of the series. */
const notTags: ReadonlySet<string> = new Set(['result', 'table', 'window'])

function rowOf(columns: Readonly<Record<string, unknown>>, sizes: ReadonlyMap<string, number>): WindowRow {
  const {
    _measurement,
    _time,
    window,
    count,
    sum,
    min,
    max,
    mean,
    rate,
    p50,
    p90,
    p95,
    p99,
    revision,
    ...rest
  } = columns as Record<string, number> & {
    readonly _measurement: string
    readonly _time: string
    readonly window: string
  }
  const tags = Object.entries(rest as Record<string, unknown>)
    .filter(([key, value]) => typeof value === 'string' && !key.startsWith('_') && !notTags.has(key))
    .map(([key, value]) => ({ key, value: value as string }))
  return {
    series: { metric: _measurement, tags: normalizeTags(tags), kind: 'gauge', unit: '' },
    start: Date.parse(_time),
    sizeMs: sizes.get(window) ?? Number.NaN,
    ...({ count, sum, min, max, mean, p50, p90, p95, p99, revision } as Omit<
      WindowRow,
      'series' | 'start' | 'sizeMs'
    >),
  }
}

/** The log events of a run as Elasticsearch has them. */
export async function readLogs({ elasticsearch }: Config, range: TimeRange): Promise<readonly LogEvent[]> {
  const client = connectElasticsearch(elasticsearch)
  const events: LogEvent[] = []
  for (const { from, to } of slicesOf(range)) {
    const { total, documents } = await client.search<LogDocument>(
      `${elasticsearch.indexPrefix}-logs-*`,
      { range: { '@timestamp': { gte: from, lt: to, format: 'epoch_millis' } } },
      10_000,
    )
    if (total !== documents.length)
      throw new Error(`Elasticsearch gives ${documents.length} of the ${total} log events of one minute`)
    events.push(
      ...documents.map((document) => ({
        id: Number(document.attributes.n),
        time: Date.parse(document['@timestamp']),
        service: document.service.name,
        message: document.message,
      })),
    )
  }
  return events
}

interface LogDocument {
  readonly '@timestamp': string
  readonly message: string
  readonly service: { readonly name: string }
  readonly attributes: { readonly n: string }
}

function* slicesOf({ from, to }: TimeRange): Generator<TimeRange> {
  for (let start = from; start < to; start += sliceMs)
    yield { from: start, to: Math.min(to, start + sliceMs) }
}
