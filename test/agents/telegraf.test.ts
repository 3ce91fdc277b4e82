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
    const isWhole = ({ tags }: Point) => tags['cpu.logical_number'] === undefined
    const shares = await received.until(() => of(host, 'system.cpu.utilization')().filter(isWhole), 20)
    const byTime = Map.groupBy(shares, ({ time }) => time)
    expect(byTime.size).toBeGreaterThanOrEqual(1)
    for (const readings of byTime.values()) {
      // Guests are part of user and nice.
      const own = readings.filter(({ tags }) => !tags['cpu.mode']?.startsWith('guest'))
      expect(own.map(({ tags }) => tags['cpu.mode']).sort()).toEqual(
        ['idle', 'interrupt', 'iowait', 'nice', 'softirq', 'steal', 'system', 'user'].sort(),
      )
      const sum = own.reduce((total, { value }) => total + value, 0)
      expect(sum).toBeCloseTo(1, 2)
    }
    expect(new Set(shares.map(({ kind, unit }) => `${kind} ${unit}`))).toEqual(new Set(['gauge 1']))
  })

  it('tells what each CPU has spent, as counters of seconds', async () => {
    const times = await received.until(of(host, 'system.cpu.time'), 2 * 10 * (cpus().length + 1))
    expect(new Set(times.map(({ kind, unit }) => `${kind} ${unit}`))).toEqual(new Set(['counter s']))
    expect(new Set(times.map(({ tags }) => tags['cpu.logical_number']))).toContain('0')
    expectGrowth(times)
  })

  it('tells the memory that the system has', async () => {
    const [limit] = await received.until(of(host, 'system.memory.limit'))
    expect(limit).toMatchObject({ value: totalmem(), kind: 'gauge', unit: 'By' })
    const used = await received.until(of(host, 'system.memory.usage'), 4)
    expect(new Set(used.map(({ tags }) => tags['system.memory.state']))).toEqual(
      new Set(['used', 'free', 'buffers', 'cached']),
    )
    for (const { value } of used) expect(value).toBeLessThanOrEqual(totalmem())
  })

  it('tells how full file systems are', async () => {
    const shares = await received.until(of(host, 'system.filesystem.utilization'))
    for (const { value, tags } of shares) {
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThanOrEqual(1)
      expect(tags).toHaveProperty(['system.filesystem.mountpoint'])
    }
  })

  it('tells what went over the network, as counters', async () => {
    const io = await received.until(
      () => of(host, 'system.network.io')().filter(({ tags }) => tags['network.interface.name'] !== 'lo'),
      4,
    )
    expect(new Set(io.map(({ tags }) => tags['network.io.direction']))).toEqual(
      new Set(['receive', 'transmit']),
    )
    expect(new Set(io.map(({ kind, unit }) => `${kind} ${unit}`))).toEqual(new Set(['counter By']))
    expectGrowth(io)
  })

  it('sends nothing that is refused', () => received.expectNothingRefused())
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
    expectGrowth(processed, 1)
    expect((await received.until(of(host, 'redis.memory.used')))[0]).toMatchObject({
      kind: 'gauge',
      unit: 'By',
    })
  })

  it('tells what MariaDB has done', async () => {
    const questions = await received.until(of(host, 'mysql.query.client.count'), 3)
    expect(questions[0]).toMatchObject({ kind: 'counter', unit: '{query}' })
    expectGrowth(questions, 1)
    const connected = await received.until(of(host, 'mysql.threads'), 2)
    expect(new Set(connected.map(({ tags }) => tags.kind))).toEqual(new Set(['connected', 'running']))
  })

  it('tells what ZooKeeper has done', async () => {
    const packets = await received.until(of(host, 'zookeeper.packet.count'), 2 * 3)
    expect(packets[0]).toMatchObject({ kind: 'counter', unit: '{packet}' })
    expect(new Set(packets.map(({ tags }) => tags.direction))).toEqual(new Set(['sent', 'received']))
    // Each reading is a packet in, and one out.
    expectGrowth(packets, 1)
    const [connections] = await received.until(of(host, 'zookeeper.connection.active'))
    expect(connections).toMatchObject({ kind: 'gauge', value: 1 })
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

  it('sends nothing that is refused', () => received.expectNothingRefused())
})

/** Of each series, values that never fall from reading to reading, and grow by at least `atLeast`. */
function expectGrowth(points: readonly Point[], atLeast = 0): void {
  for (const series of Map.groupBy(points, ({ tags }) => JSON.stringify(tags)).values()) {
    const values = series.toSorted((a, b) => a.time - b.time).map(({ value }) => value)
    for (const [i, value] of values.slice(1).entries())
      expect(value - values[i]!).toBeGreaterThanOrEqual(atLeast)
  }
}
