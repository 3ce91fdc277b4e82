import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Stack, startStack } from '../../stack/index.ts'
import { silentProgress } from '../../stack/progress.ts'
import { install } from '../support/pipeline.ts'
import { ServerProxy } from '../support/proxy.ts'
import { inDocker, stack, withoutInflux } from '../support/stack.ts'
import { type FaultName, faults, faultsByName } from './faults/registry.ts'
import { type Outage, processOutage, proxyOutage } from './outage.ts'
import { type ChaosResult, isClean, tableOf } from './result.ts'
import { runChaos } from './run.ts'
import type { PlannedFault } from './schedule.ts'
import { environment } from './settings.ts'

const seed = 20_260

/** Each service is killed, partitions move back and forth, zombies wake up, and every server is away for a moment. */
const plan: readonly (readonly Omit<PlannedFault<FaultName>, 'seed'>[])[] = [
  [
    { fault: 'kill worker', service: 'normalizer' },
    { fault: 'kill worker', service: 'influx-sink' },
    { fault: 'add worker', service: 'aggregator' },
  ],
  [
    { fault: 'freeze worker', service: 'aggregator' },
    { fault: 'freeze worker', service: 'normalizer' },
    { fault: 'zombie writer' },
    { fault: 'kill worker', service: 'elasticsearch-sink' },
    { fault: 'add worker', service: 'normalizer' },
  ],
  [{ fault: 'kill broker' }],
  [
    { fault: 'kill worker', service: 'aggregator' },
    { fault: 'kill worker', service: 'detector' },
    { fault: 'stop Elasticsearch' },
    { fault: 'remove worker', service: 'normalizer' },
    { fault: 'remove worker', service: 'aggregator' },
  ],
  [{ fault: 'restart broker' }, { fault: 'cut registry', service: 'aggregator' }, { fault: 'stop InfluxDB' }],
]

const absent = (server: string): Outage => ({
  down: () => Promise.reject(new Error(`${server} can't be taken away here`)),
  up: () => Promise.reject(new Error(`${server} can't be taken away here`)),
})

/** A broker of its own, and the tests' other servers behind proxies, so that the other tests keep theirs. */
describe('telemetry that flows while everything breaks', () => {
  const possible = ({ fault }: { readonly fault: FaultName }) => {
    const { target } = faultsByName.get(fault)!
    return !(target === 'kafka' && inDocker()) && !(target === 'influxdb' && withoutInflux())
  }
  const lines: string[] = []
  let directory: string
  let ownKafka: Stack | undefined
  let result: ChaosResult

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tidemark-chaos-'))
    if (!inDocker()) ownKafka = await startStack({ directory, progress: silentProgress, servers: ['kafka'] })
    const { kafka } = ownKafka?.addresses ?? stack()
    const registry = await ServerProxy.before(stack().registry.url)
    const elasticsearch = await ServerProxy.before(stack().elasticsearch.url)
    const influxdb = withoutInflux() ? undefined : await ServerProxy.before(stack().influx!.url)
    const installation = await install(
      {
        ...environment,
        TIDEMARK_REGISTRY_URL: registry.url,
        TIDEMARK_ELASTICSEARCH_URL: elasticsearch.url,
        ...(influxdb && { TIDEMARK_INFLUX_URL: influxdb.url }),
      },
      { addresses: { ...stack(), kafka } },
    )
    const broker = ownKafka?.servers.get('kafka')
    result = await runChaos({
      installation,
      servers: {
        kafka: broker ? processOutage(broker) : absent('Kafka'),
        registry: proxyOutage(registry),
        elasticsearch: proxyOutage(elasticsearch),
        influxdb: influxdb ? proxyOutage(influxdb) : absent('InfluxDB'),
      },
      seed,
      rounds: plan.map((round, i) => ({
        pauseMs: 1_000,
        faults: round.filter(possible).map((fault, j) => ({ ...fault, seed: seed + 10 * i + j })),
      })),
      maxOutageMs: 4_000,
      directory: join(directory, 'workers'),
      withInflux: influxdb !== undefined,
      say: (line) => lines.push(line),
    })
    await Promise.all([registry, elasticsearch, influxdb].map((proxy) => proxy?.cut()))
  }, 300_000)

  afterAll(async () => {
    await ownKafka?.stop()
    // What happened is wanted only when something went wrong.
    if (!result || !isClean(result))
      process.stderr.write(
        `${lines.join('\n')}\n${result ? tableOf(result) : ''}workers log to ${directory}\n`,
      )
    else await rm(directory, { recursive: true, force: true })
  })

  it('suffers each kind of fault', () => {
    expect(new Set(Object.keys(result.faults))).toEqual(
      new Set(faults.map(({ name }) => name).filter((fault) => possible({ fault }))),
    )
  })

  it('leaves each window and revision once, and in the newest exactly the points of each window', () => {
    const windows = result.findings.filter(({ place }) => place.startsWith('windows topic'))
    expect(windows.length).toBeGreaterThan(0)
    for (const found of windows) expect(found).toMatchObject({ lost: 0, doubled: 0, wrong: 0, examples: [] })
  })

  it.skipIf(withoutInflux())('leaves each window once in InfluxDB, in its newest revision', () => {
    expect(result.findings.find(({ place }) => place === 'InfluxDB')).toMatchObject({
      lost: 0,
      doubled: 0,
      wrong: 0,
      examples: [],
    })
  })

  it('leaves each log event once in Elasticsearch', () => {
    expect(result.findings.find(({ place }) => place === 'Elasticsearch, logs')).toMatchObject({
      checked: result.logs,
      lost: 0,
      doubled: 0,
      wrong: 0,
      examples: [],
    })
  })

  it('is read to its end, with nothing refused and nothing too late', () => {
    expect(result).toMatchObject({ undrained: [], late: 0, deadLetters: 0 })
  })

  it('has no worker end by itself, and those that were asked to, with status 0', () => {
    expect(result.crashes).toEqual([])
  })
})
