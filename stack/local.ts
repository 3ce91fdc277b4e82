import { mkdir } from 'node:fs/promises'
import { isInfluxdInstalled } from './install/influxdb.ts'
import type { Step } from './progress.ts'
import {
  processIdentity,
  type RunningServer,
  type ServerCommand,
  type ServerName,
  startServer,
  stopProcess,
} from './server.ts'
import { prepareElasticsearch } from './servers/elasticsearch.ts'
import { prepareInfluxdb, setUpInfluxdb } from './servers/influxdb.ts'
import { prepareKafka } from './servers/kafka.ts'
import { prepareRegistry } from './servers/registry.ts'
import type { Stack, StackAddresses, StackOptions } from './stack.ts'
import { readState, removeStack, type StackState, writeState } from './state-file.ts'
import { findInfluxToolchain, findJava, type InfluxToolchain } from './toolchains.ts'

const titles: Readonly<Record<ServerName, string>> = {
  kafka: 'Kafka',
  registry: 'Schema registry',
  influxdb: 'InfluxDB',
  elasticsearch: 'Elasticsearch',
}

const noAddresses: StackAddresses = {
  kafka: { brokers: [] },
  registry: { url: '' },
  elasticsearch: { url: '' },
  consoles: {},
}

/** The servers from package registries, as processes of this machine, on loopback, with data that goes when they stop. */
export async function startLocalStack(options: StackOptions): Promise<Stack> {
  const { directory, progress, signal } = options
  await findJava()
  const toolchain = (await isInfluxdInstalled()) ? { rustToolchain: undefined } : await findInfluxToolchain()
  await removeLeftOver(directory)
  const folders: string[] = []
  const failed = new AbortController()
  const anySignal = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
  const running = new Map<ServerName, RunningServer>()

  const prepare: Readonly<Record<ServerName, (step: Step) => Promise<ServerCommand>>> = {
    kafka: (step) => prepareKafka(directory, step, anySignal),
    registry: (step) => prepareRegistry(directory, step, anySignal),
    influxdb: (step) => prepareInfluxdb(directory, toolchain as InfluxToolchain, step, anySignal),
    elasticsearch: async (step) => {
      const server = await prepareElasticsearch(directory, step, anySignal)
      folders.push(server.folder)
      return server.command
    },
  }
  const start = async (name: ServerName) => {
    const step = progress.step(titles[name])
    try {
      const command = await prepare[name](step)
      step.update('starting')
      running.set(name, await startServer(command, anySignal))
      step.done(command.address)
    } catch (error) {
      step.fail((error as Error).message.split('\n')[0]!)
      failed.abort()
      throw error
    }
  }
  const stopAll = async () => {
    await Promise.all([...running.values()].map((server) => server.stop()))
    await removeStack(directory, { addresses: noAddresses, servers: [], folders })
  }

  const wanted = (['kafka', 'registry', 'influxdb', 'elasticsearch'] as const).filter(
    (name) => options.servers?.includes(name) ?? true,
  )
  const leftOut =
    typeof toolchain === 'string' && wanted.includes('influxdb')
      ? [{ server: 'influxdb' as const, why: toolchain }]
      : []
  await mkdir(directory, { recursive: true })
  const results = await Promise.allSettled(
    wanted.filter((name) => !leftOut.some(({ server }) => server === name)).map(start),
  )
  const failure = results.find(
    (result) => result.status === 'rejected' && (result.reason as Error).message !== 'stopped',
  )
  if (
    failure?.status === 'rejected' ||
    signal?.aborted ||
    results.some(({ status }) => status === 'rejected')
  ) {
    await stopAll()
    throw failure?.status === 'rejected' ? (failure.reason as Error) : new Error('stopped')
  }
  const influx = running.get('influxdb')
  const addresses: StackAddresses = {
    kafka: { brokers: [running.get('kafka')?.address ?? ''] },
    registry: { url: running.get('registry')?.address ?? '' },
    elasticsearch: { url: running.get('elasticsearch')?.address ?? '' },
    ...(influx && { influx: await setUpInfluxdb(influx.address) }),
    consoles: {},
  }
  await writeState(directory, {
    ...(options.detached ? {} : { owner: process.pid }),
    ...(await stateOf(addresses, running, folders)),
  })
  return { kind: 'local', addresses, servers: running, leftOut, stop: stopAll }
}

/** A stack that a process started before and left running, or undefined. */
export async function attachLocalStack(directory: string): Promise<Stack | undefined> {
  const state = await readState(directory)
  if (!state) return undefined
  return {
    kind: 'local',
    addresses: state.addresses,
    servers: new Map(
      state.servers.map((server) => [
        server.name,
        { ...server, stop: (signal) => stopProcess(server.pid, signal), start: cannotStart },
      ]),
    ),
    leftOut: [],
    stop: () => removeStack(directory, state),
  }
}

const cannotStart = async () => {
  throw new Error('only the process that has started a server can start it again')
}

/** A start after a hard end finds the servers of before still running. */
async function removeLeftOver(directory: string): Promise<void> {
  const state = await readState(directory)
  if (state) await removeStack(directory, state)
}

async function stateOf(
  addresses: StackAddresses,
  running: ReadonlyMap<ServerName, RunningServer>,
  folders: readonly string[],
): Promise<StackState> {
  const servers = await Promise.all(
    [...running.values()].map(async ({ name, address, pid = 0, logFile = '' }) => ({
      name,
      address,
      pid,
      logFile,
      identity: (await processIdentity(pid)) ?? '',
    })),
  )
  return { addresses, servers, folders }
}
