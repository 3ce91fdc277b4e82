import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { services } from '../../cli/services.ts'
import type { Window, WindowBatch } from '../../shared/avro/types.ts'
import { connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import {
  countPoints,
  countsPerWindow,
  Flow,
  newest,
  type Published,
  revisionKey,
  smallSteps,
} from '../support/flow.ts'
import {
  collect,
  eventually,
  type Installation,
  install,
  producerFor,
  type RunningService,
  startService,
  stopServices,
} from '../support/pipeline.ts'
import { withoutInflux } from '../support/stack.ts'

/**
 * Telemetry flows while each service in turn is killed with SIGKILL and started again. At the end everything that was
 * published must be accounted for: nothing lost, nothing twice.
 */
describe('kill -9 of each service in turn', () => {
  const measurement = `chaos_${Date.now().toString(36)}`
  let installation: Installation
  let published: Published
  let windows: readonly Window[]

  beforeAll(async () => {
    installation = await install({
      TIDEMARK_AGGREGATOR_SIZES_MS: '1000',
      TIDEMARK_AGGREGATOR_IDLE_MS: '8000',
      ...smallSteps,
    })
    const names = services
      .map(({ name }) => name)
      .filter((name) => !(name === 'influx-sink' && withoutInflux()))
    const running = new Map<string, RunningService>()
    await Promise.all(names.map(async (name) => running.set(name, await startService(installation, name))))
    const producer = await producerFor(installation)
    const flow = new Flow(producer, installation, measurement)
    for (const name of names) {
      await delay(1_500)
      await running.get(name)!.kill()
      await startService(installation, name)
    }
    await delay(2_000)
    published = await flow.end()
    await producer.close()

    const topic = await collect<WindowBatch>(installation, installation.topics.windows)
    await eventually(
      () => countPoints(newest(topic.records.flatMap((batch) => batch.windows))),
      (count) => count >= published.points,
      60_000,
    )
    // What would be too much would come now.
    await delay(1_000)
    await topic.close()
    windows = topic.records.flatMap((batch) => batch.windows)
  }, 240_000)
  afterAll(stopServices)

  it('leaves each window and revision exactly once in the windows topic', () => {
    const identities = windows.map(revisionKey)
    expect(identities.length - new Set(identities).size).toBe(0)
    expect(countPoints(newest(windows))).toBe(published.points)
  })

  it('has counted each point in its own window', () => {
    expect(countsPerWindow(windows)).toEqual(published.perWindow)
  })

  it.skipIf(withoutInflux())('leaves each window exactly once in InfluxDB', async () => {
    const { config } = installation
    const flux = `from(bucket: "${config.influx.bucket}") |> range(start: -1h, stop: 1h)
      |> filter(fn: (r) => r._measurement == "${measurement}.n" and r._field == "count") |> group()`
    const read = () => connectInflux(config.influx).query(flux)
    const sum = (rows: Awaited<ReturnType<typeof read>>) =>
      rows.reduce((total, { _value }) => total + Number(_value), 0)
    const rows = await eventually(read, (found) => sum(found) === published.points)
    expect({ points: sum(rows), rows: rows.length }).toEqual({
      points: published.points,
      rows: newest(windows).length,
    })
  })

  it('leaves each log exactly once in Elasticsearch', async () => {
    const client = connectElasticsearch(installation.config.elasticsearch)
    const read = () =>
      client.search<{ readonly attributes: { readonly n: string } }>(
        `${installation.name}-logs-*`,
        { match_all: {} },
        10_000,
      )
    const { total, documents } = await eventually(read, (found) => found.total >= published.logs)
    expect({ total, distinct: new Set(documents.map(({ attributes }) => attributes.n)).size }).toEqual({
      total: published.logs,
      distinct: published.logs,
    })
  })
})
