import { join } from 'node:path'
import { run } from './command.ts'
import type { RunningServer, ServerName } from './server.ts'
import type { Stack, StackAddresses, StackOptions } from './stack.ts'

const composeFile = join(import.meta.dirname, '..', 'docker-compose.yml')
const servers: readonly ServerName[] = ['kafka', 'registry', 'influxdb', 'elasticsearch']
const compose = (...args: string[]) => [
  'compose',
  '--project-name',
  'tidemark',
  '--file',
  composeFile,
  ...args,
]

/** Whether a Docker engine answers here, with Compose. */
export async function dockerAnswers(): Promise<boolean> {
  const signal = AbortSignal.timeout(3_000)
  try {
    await run('docker', ['info'], { signal })
    await run('docker', ['compose', 'version'], { signal })
    return true
  } catch {
    return false
  }
}

/** The servers of docker-compose.yml, with the consoles; their volumes stay when they stop. */
export async function startDockerStack({ progress, signal }: StackOptions): Promise<Stack> {
  const step = progress.step('Servers in Docker')
  try {
    await run('docker', compose('up', '--detach', '--wait', ...servers, 'grafana', 'kibana'), {
      signal,
      onLine: (line) => step.update(line.trim()),
    })
  } catch (error) {
    step.fail((error as Error).message.split('\n')[0]!)
    throw error
  }
  step.done()
  return dockerStack()
}

/** What the running containers are reached by: the ports and development credentials of docker-compose.yml. */
export function dockerStack(): Stack {
  const env = (name: string, value: string) => process.env[name] ?? value
  const port = (name: string, value: number) =>
    `127.0.0.1:${env(`TIDEMARK_${name}_PORT_PUBLISHED`, String(value))}`
  const addresses: StackAddresses = {
    kafka: { brokers: [port('KAFKA', 9092)] },
    registry: { url: `http://${port('REGISTRY', 8081)}/apis/ccompat/v7` },
    influx: {
      url: `http://${port('INFLUX', 8086)}`,
      token: env('TIDEMARK_INFLUX_TOKEN', 'tidemark-development-token'),
      org: env('TIDEMARK_INFLUX_ORG', 'tidemark'),
      bucket: env('TIDEMARK_INFLUX_BUCKET', 'telemetry'),
    },
    elasticsearch: { url: `http://${port('ELASTICSEARCH', 9200)}` },
    consoles: { Grafana: `http://${port('GRAFANA', 3000)}`, Kibana: `http://${port('KIBANA', 5601)}` },
  }
  return {
    kind: 'docker',
    addresses,
    servers: new Map(servers.map((name) => [name, container(name, addresses)])),
    leftOut: [],
    stop: async () => {
      await run('docker', compose('stop', ...servers, 'grafana', 'kibana'))
    },
  }
}

const container = (name: ServerName, addresses: StackAddresses): RunningServer => ({
  name,
  address: addressOf(name, addresses),
  stop: async (signal = 'SIGTERM') => {
    await run('docker', compose('kill', '--signal', signal, name))
  },
  start: async () => {
    await run('docker', compose('up', '--detach', '--wait', name))
  },
})

function addressOf(name: ServerName, { kafka, registry, influx, elasticsearch }: StackAddresses): string {
  return {
    kafka: kafka.brokers[0]!,
    registry: registry.url,
    influxdb: influx?.url ?? '',
    elasticsearch: elasticsearch.url,
  }[name]
}

/** Which containers run: for `stack status`. */
export async function dockerStatus(): Promise<
  readonly { readonly server: ServerName; readonly running: boolean; readonly address: string }[]
> {
  const up = new Set((await run('docker', compose('ps', '--services', '--status', 'running'))).split('\n'))
  const { addresses } = dockerStack()
  return servers.map((server) => ({ server, running: up.has(server), address: addressOf(server, addresses) }))
}
