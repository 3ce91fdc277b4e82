import { afterAll, describe, expect, it } from 'vitest'
import { connectElasticsearch } from '../../shared/elasticsearch/client.ts'
import { connectInflux } from '../../shared/influx/client.ts'
import {
  eventually,
  type Installation,
  install,
  producerFor,
  type RunningService,
  startService,
  stopServices,
} from '../support/pipeline.ts'
import { ServerProxy } from '../support/proxy.ts'
import { stack, withoutInflux } from '../support/stack.ts'

interface Ready {
  readonly ready: boolean
  readonly reasons: readonly string[]
}

const readiness = async ({ url }: RunningService) => (await (await fetch(`${url}/ready`)).json()) as Ready

/** Publishes one event before the outage, one in it, and one after; each store must end with all three. */
async function throughOutage(
  installation: Installation,
  proxy: ServerProxy,
  sink: RunningService,
  publish: (n: number) => Promise<void>,
  arrived: () => Promise<number>,
) {
  await publish(1)
  expect(await eventually(arrived, (count) => count === 1)).toBe(1)
  await proxy.cut()
  await publish(2)
  const away = await eventually(
    () => readiness(sink),
    ({ ready }) => !ready,
  )
  const whileAway = await arrived()
  await proxy.open()
  await publish(3)
  const count = await eventually(arrived, (found) => found === 3)
  const back = await eventually(
    () => readiness(sink),
    ({ ready }) => ready,
  )
  return { away, whileAway, count, back, installation }
}

describe('a server that is away', () => {
  afterAll(stopServices)

  it('Elasticsearch: the sink says so, waits, and loses nothing', async () => {
    const proxy = await ServerProxy.before(stack().elasticsearch.url)
    const installation = await install({
      TIDEMARK_ELASTICSEARCH_URL: proxy.url,
      TIDEMARK_WORKER_MAX_RETRY_BACKOFF_MS: '500',
    })
    const [sink] = await Promise.all([
      startService(installation, 'elasticsearch-sink'),
      startService(installation, 'normalizer'),
    ])
    const producer = await producerFor(installation)
    const client = connectElasticsearch({
      ...installation.config.elasticsearch,
      url: stack().elasticsearch.url,
    })
    const result = await throughOutage(
      installation,
      proxy,
      sink,
      (n) =>
        producer.send(installation.rawLogs, [
          { value: JSON.stringify({ '@timestamp': new Date().toISOString(), message: `event ${n}` }) },
        ]),
      async () => (await client.search(`${installation.name}-logs-*`, { match_all: {} }, 0)).total,
    )
    await producer.close()
    expect(result).toMatchObject({ away: { ready: false }, whileAway: 1, count: 3, back: { ready: true } })
    expect(result.away.reasons.join()).toMatch(
      /Elasticsearch can't be used: writing to http:\/\/127\.0\.0\.1:\d+/,
    )
  })

  it.skipIf(withoutInflux())('InfluxDB: the sink says so, waits, and loses nothing', async () => {
    const proxy = await ServerProxy.before(stack().influx!.url)
    const installation = await install({
      TIDEMARK_INFLUX_URL: proxy.url,
      TIDEMARK_WORKER_MAX_RETRY_BACKOFF_MS: '500',
      TIDEMARK_AGGREGATOR_SIZES_MS: '1000',
      TIDEMARK_DETECTOR_WINDOW_SIZES_MS: '1000',
      TIDEMARK_AGGREGATOR_IDLE_MS: '1000',
    })
    const [sink] = await Promise.all([
      startService(installation, 'influx-sink'),
      startService(installation, 'normalizer'),
      startService(installation, 'aggregator'),
    ])
    const producer = await producerFor(installation)
    const client = connectInflux({ ...installation.config.influx, url: stack().influx!.url })
    const result = await throughOutage(
      installation,
      proxy,
      sink,
      (n) => producer.send(installation.rawMetrics, [{ value: `${installation.name} n=${n}` }]),
      async () =>
        (
          await client.query(
            `from(bucket: "telemetry") |> range(start: -1h, stop: 1h) |> filter(fn: (r) => r._measurement == "${installation.name}.n" and r._field == "count")`,
          )
        ).length,
    )
    await producer.close()
    expect(result).toMatchObject({ away: { ready: false }, whileAway: 1, count: 3, back: { ready: true } })
    expect(result.away.reasons.join()).toMatch(/InfluxDB can't be used: writing to http:\/\/127\.0\.0\.1:\d+/)
  })

  it('the registry at the start: the service says so, and starts when it is back', async () => {
    const proxy = await ServerProxy.before(stack().registry.url)
    const installation = await install({
      TIDEMARK_REGISTRY_URL: proxy.url,
      TIDEMARK_HTTP_PORT: '0',
      TIDEMARK_WORKER_MAX_RETRY_BACKOFF_MS: '500',
    })
    await proxy.cut()
    const starting = startService(installation, 'aggregator', { ready: false })
    const service = await starting
    const away = await eventually(
      () => readiness(service),
      ({ reasons }) => reasons.join().includes('registry'),
    )
    expect(away.reasons.join()).toContain("the schema registry can't be used: registering WindowBatch")
    await proxy.open()
    expect(
      (
        await eventually(
          () => readiness(service),
          ({ ready }) => ready,
        )
      ).ready,
    ).toBe(true)
  })

  it('Kafka at the start: the service says which brokers', async () => {
    const installation = await install()
    const service = await startService(
      { ...installation, env: { ...installation.env, TIDEMARK_KAFKA_BROKERS: '127.0.0.1:1' } },
      'aggregator',
      { ready: false },
    )
    const { ready, reasons } = await eventually(
      () => readiness(service),
      (answer) => answer.reasons.join().includes('Kafka'),
    )
    expect({ ready, reasons: reasons.join() }).toMatchObject({
      ready: false,
      reasons: expect.stringContaining('127.0.0.1:1'),
    })
    expect(await service.stop()).toBe(0)
  })
})
