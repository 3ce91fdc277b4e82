import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { loadAll } from '../../cli/sections.ts'
import { createProducer } from '../../shared/kafka/producer.ts'
import { versions } from '../../stack/agents/versions.ts'
import { mariadb } from '../../stack/watched/mariadb.ts'
import { redis } from '../../stack/watched/redis.ts'
import { zookeeper } from '../../stack/watched/zookeeper.ts'
import { silent } from '../support/pipeline.ts'
import { debian, startAgent, startWatched, stopAgents, withoutDebian } from './support/agent.ts'
import { agentsDirectory, examples } from './support/directory.ts'
import { type Point, type Received, receive } from './support/received.ts'

const folder = join(examples, 'telegraf')
const configs = (...files: readonly string[]) => files.flatMap((file) => ['--config', join(folder, file)])

/** User, system, idle and so on, of which Telegraf tells ten. */
const cpuModes = 10

const startTelegraf = (host: string, files: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  startAgent({
    name: host,
    program: inject('programs').telegraf,
    args: configs(...files),
    env: { INTERVAL: '1s', AGENT_HOST: host, ...env },
    readyWhen: 'Loaded outputs: kafka',
  })

let received: Received
beforeAll(async () => {
  received = await receive()
})
afterAll(async () => {
  await stopAgents()
  await received.close()
})

const of = (host: string, metric: string) => () =>
  received.points.filter((point) => point.metric === metric && point.tags.host === host)

it('is the version that is named', () => {
  expect(execFileSync(inject('programs').telegraf, ['--version']).toString()).toContain(
    `Telegraf ${versions.telegraf}`,
  )
})

describe.each([
  ['line protocol', 'telegraf.conf', 'telegraf-influx'],
  ['JSON', 'telegraf-json.conf', 'telegraf-json'],
])('Telegraf in %s, of this machine', (_, config, host) => {
  beforeAll(async () => {
    await startTelegraf(host, [config, 'inputs/host.conf'])
  })

  it('tells shares of the CPU that add up to all of it', async () => {
    const readings = await received.until(() => wholeReadings(host), 2)
    expect(readings.length).toBeGreaterThanOrEqual(2)
    for (const reading of readings) {
      // Guests are part of user and nice.
      const own = reading.filter(({ tags }) => !tags['cpu.mode']!.startsWith('guest'))
      expect(own.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 2)
      expect(new Set(own.map(({ kind, unit }) => `${kind} ${unit}`))).toEqual(new Set(['gauge 1']))
    }
  })

  it('tells what each CPU has spent, as counters of seconds', async () => {
    const times = of(host, 'system.cpu.time')
    await received.until(times, 2 * cpuModes * (cpus().length + 1))
    expect(new Set(times().map(({ kind, unit }) => `${kind} ${unit}`))).toEqual(new Set(['counter s']))
    expect(new Set(times().map(({ tags }) => tags['cpu.logical_number']))).toContain('0')
    // Linux may take back some of what it has told of waiting.
    await expectGrowth(() => times().filter(({ tags }) => tags['cpu.mode'] === 'user'))
  })

  it('tells the memory that the system has', async () => {
    const [limit] = await received.until(of(host, 'system.memory.limit'))
    expect(limit).toMatchObject({ value: totalmem(), kind: 'gauge', unit: 'By' })
    const used = await received.until(
      () => oneOfEach(of(host, 'system.memory.usage')(), 'system.memory.state'),
      4,
    )
    expect(valuesOf(used, 'system.memory.state')).toEqual(['buffers', 'cached', 'free', 'used'])
    for (const { value } of used) expect(value).toBeLessThanOrEqual(totalmem())
  })

  it('tells how full file systems are', async () => {
    const shares = await received.until(of(host, 'system.filesystem.utilization'))
    expect(shares).not.toEqual([])
    for (const { value, tags } of shares) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(1)
      expect(tags).toHaveProperty(['system.filesystem.mountpoint'])
    }
  })

  it('tells what went over the network, as counters', async () => {
    const io = of(host, 'system.network.io')
    const directions = await received.until(() => oneOfEach(io(), 'network.io.direction'), 2)
    expect(valuesOf(directions, 'network.io.direction')).toEqual(['receive', 'transmit'])
    expect(new Set(io().map(({ kind, unit }) => `${kind} ${unit}`))).toEqual(new Set(['counter By']))
    await expectGrowth(io)
  })

  it('sends nothing that is refused', async () => {
    expect(await received.refused()).toEqual([])
  })
})

describe.skipIf(withoutDebian())('Telegraf, of servers', () => {
  const host = 'telegraf-servers'

  beforeAll(async () => {
    const directory = join(agentsDirectory, 'watched')
    mkdirSync(directory, { recursive: true })
    const [redisServer, mariadbServer, zookeeperServer] = await Promise.all([
      redis(debian(), directory).then(startWatched),
      mariadb(debian(), directory).then(startWatched),
      zookeeper(inject('programs').zookeeper, directory).then(startWatched),
    ])
    await startTelegraf(
      host,
      ['telegraf.conf', ...['redis', 'mysql', 'zookeeper', 'kafka'].map((name) => `inputs/${name}.conf`)],
      {
        REDIS_URL: redisServer.address,
        MYSQL_DSN: `telegraf@tcp(${mariadbServer.address})/`,
        ZOOKEEPER_SERVER: zookeeperServer.address,
      },
    )
  })

  it('tells what Redis has done', async () => {
    const processed = await received.until(of(host, 'redis.commands.processed'), 3)
    expect(processed[0]).toMatchObject({ kind: 'counter', unit: '{command}' })
    // Each reading is a command itself.
    await expectGrowth(of(host, 'redis.commands.processed'), 1)
    expect((await received.until(of(host, 'redis.memory.used')))[0]).toMatchObject({
      kind: 'gauge',
      unit: 'By',
    })
  })

  it('tells what MariaDB has done', async () => {
    const questions = await received.until(of(host, 'mysql.query.client.count'), 3)
    expect(questions[0]).toMatchObject({ kind: 'counter', unit: '{query}' })
    await expectGrowth(of(host, 'mysql.query.client.count'), 1)
    const threads = await received.until(() => oneOfEach(of(host, 'mysql.threads')(), 'kind'), 2)
    expect(valuesOf(threads, 'kind')).toEqual(['connected', 'running'])
  })

  it('tells what ZooKeeper has done', async () => {
    const packets = await received.until(of(host, 'zookeeper.packet.count'), 2 * 3)
    expect(packets[0]).toMatchObject({ kind: 'counter', unit: '{packet}' })
    const directions = await received.until(
      () => oneOfEach(of(host, 'zookeeper.packet.count')(), 'direction'),
      2,
    )
    expect(valuesOf(directions, 'direction')).toEqual(['received', 'sent'])
    // Each reading is a packet in, and one out.
    await expectGrowth(of(host, 'zookeeper.packet.count'), 1)
    const [connections] = await received.until(of(host, 'zookeeper.connection.active'))
    expect(connections).toMatchObject({ kind: 'gauge', unit: '{connection}' })
    expect(connections!.value).toBeGreaterThanOrEqual(1)
  })

  it('passes on what programs have written into a topic', async () => {
    const producer = await createProducer(loadAll({ env: inject('environment'), cwd: '/' }).kafka, silent)
    const time = Date.now() - 5_000
    await producer.send('app.metrics', [{ value: `orders,shop=west count=3i,open=true ${time}000000\n` }])
    await producer.close()
    const orders = await received.until(of(host, 'orders.count'))
    expect(orders).toEqual([
      { metric: 'orders.count', tags: { host, shop: 'west' }, kind: 'gauge', unit: '', time, value: 3 },
    ])
  })

  it('sends nothing that is refused', async () => {
    expect(await received.refused()).toEqual([])
  })
})

/** Readings of the whole machine, each of all modes: points of one reading come in several batches. */
function wholeReadings(host: string): readonly (readonly Point[])[] {
  const shares = of(host, 'system.cpu.utilization')().filter(({ tags }) => !('cpu.logical_number' in tags))
  return [...Map.groupBy(shares, ({ time }) => time).values()].filter(
    (reading) => reading.length === cpuModes,
  )
}

/** The first point with each value of a tag. */
const oneOfEach = (points: readonly Point[], tag: string): readonly Point[] => [
  ...new Map(points.toReversed().map((point) => [point.tags[tag], point])).values(),
]

const valuesOf = (points: readonly Point[], tag: string) => points.map(({ tags }) => tags[tag]).sort()

/** Waits for readings, and expects each to be at least so much above the one before. */
async function expectGrowth(readings: () => readonly Point[], atLeast = 0): Promise<void> {
  const steps = await received.until(() => stepsOf(readings()), 2)
  expect(steps.length).toBeGreaterThanOrEqual(2)
  expect(Math.min(...steps)).toBeGreaterThanOrEqual(atLeast)
}

/** Of each series, what each reading is above the one before. */
const stepsOf = (points: readonly Point[]): readonly number[] =>
  [...Map.groupBy(points, ({ tags }) => JSON.stringify(tags)).values()].flatMap((series) => {
    const values = series.toSorted((a, b) => a.time - b.time).map(({ value }) => value)
    return values.slice(1).map((value, i) => value - values[i]!)
  })
