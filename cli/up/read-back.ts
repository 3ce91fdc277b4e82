import { connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import type { ElasticsearchConfig } from '../../shared/elasticsearch/config.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import type { InfluxConfig } from '../../shared/influx/config.ts'

/** What the stores hold since a time: the proof that telemetry has arrived. */
interface ReadBack {
  /** Window rows in InfluxDB. */
  readonly windows: number
  /** Log documents in Elasticsearch. */
  readonly logs: number
  readonly problems: readonly string[]
}

export async function readBack(
  influx: InfluxConfig | undefined,
  elasticsearch: ElasticsearchConfig,
  sinceMs: number,
): Promise<ReadBack> {
  const problems: string[] = []
  const counted = async (store: string, count: () => Promise<number>) => {
    try {
      const found = await count()
      if (found === 0) problems.push(`${store} holds nothing of this run`)
      return found
    } catch (error) {
      problems.push((error as Error).message)
      return 0
    }
  }
  const windows = influx ? await counted('InfluxDB', () => countWindows(influx, sinceMs)) : 0
  const logs = await counted('Elasticsearch', async () => {
    const query = { range: { '@timestamp': { gte: new Date(sinceMs).toISOString() } } }
    return (await connectElasticsearch(elasticsearch).search(`${elasticsearch.indexPrefix}-logs-*`, query, 0))
      .total
  })
  return { windows, logs, problems }
}

async function countWindows(config: InfluxConfig, sinceMs: number): Promise<number> {
  const rows = await connectInflux(config).query(
    `from(bucket: ${JSON.stringify(config.bucket)})
      |> range(start: ${new Date(sinceMs).toISOString()}, stop: 1h)
      |> filter(fn: (r) => r._field == "p99")
      |> group() |> count()`,
  )
  return rows.reduce((sum, { _value }) => sum + Number(_value ?? 0), 0)
}
